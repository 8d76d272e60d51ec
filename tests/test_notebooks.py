"""Every notebook runs from its first cell to its last on a slice of the real extract."""

from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
INPUT = 'EVENTS = Path("../fixtures/moltbook/events.parquet")'
OUTPUT = 'OUT = Path("../demo-run")'


# Jupyter's own packages warn of their own future; what graphkit warns of would still stand in the outputs.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, quarter_hour: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    opening = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert INPUT in opening.source
    assert OUTPUT in opening.source
    opening.source = opening.source.replace(INPUT, f"EVENTS = Path({str(quarter_hour)!r})")
    opening.source = opening.source.replace(OUTPUT, f"OUT = Path({str(tmp_path / 'run')!r})")

    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()

    printed = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert printed
    assert not [output for output in printed if output.get("name") == "stderr"]
    assert (tmp_path / "run" / "report.html").is_file()
