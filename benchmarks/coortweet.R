# CooRTweet's two steps on a csv of shares: Rscript coortweet.R SOURCES SHARES OUT WINDOW MIN_PARTICIPATION
# SOURCES is a folder of its R files, or - for the installed package.
given <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages({
  library(data.table)
  library(igraph)
  if (given[1] == "-") library(CooRTweet)
})
if (given[1] != "-") {
  for (name in c("calc_group_combinations", "detect_groups", "generate_coordinated_network")) {
    source(file.path(given[1], paste0(name, ".R")))
  }
}
if (length(given) > 1) {
  shares <- fread(given[2], colClasses = list(character = c("object_id", "account_id", "content_id")))
  pairs <- detect_groups(shares, time_window = as.integer(given[4]), min_participation = as.integer(given[5]))
  network <- generate_coordinated_network(pairs, edge_weight = 0.5)
  dir.create(given[3], recursive = TRUE, showWarnings = FALSE)
  fwrite(pairs, file.path(given[3], "pairs.csv"))
  fwrite(as.data.table(as_data_frame(network)), file.path(given[3], "edges.csv"))
}
