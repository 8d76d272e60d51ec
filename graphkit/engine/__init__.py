"""Who was where at the same time: exact pairs within a window, in a memory that is set beforehand."""
