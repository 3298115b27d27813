"""The crates of the workspace and their files, for the scripts beside."""


def files(root, pattern):
    """The files of this name, without those that git or cargo made."""
    for path in sorted(root.rglob(pattern)):
        parts = path.relative_to(root).parts
        if not any(part.startswith(".") or part == "target" for part in parts):
            yield path


def crates(root):
    """The Rust files of each crate, by its folder."""
    found = {manifest.parent: [] for manifest in files(root, "Cargo.toml")}
    for path in files(root, "*.rs"):
        found[next(folder for folder in path.parents if folder in found)].append(path)
    return found


def parts(root, found):
    """Each crate in two parts: its `src/`, and its tests, benches and examples."""
    for folder, paths in found.items():
        name = "the root" if folder == root else str(folder.relative_to(root))
        own = [path for path in paths if path.is_relative_to(folder / "src")]
        yield "src" if folder == root else f"{name}/src", own
        yield f"rest of {name}", [path for path in paths if path not in own]


def table(head, rows):
    """Prints columns. Numbers are aligned to the right."""
    columns = []
    for title, *values in zip(head, *rows):
        is_text = any(isinstance(value, str) for value in values)
        texts = [f"{value:.1f}" if isinstance(value, float) else str(value) for value in values]
        width = max(map(len, [title, *texts]))
        columns.append([it.ljust(width) if is_text else it.rjust(width) for it in [title, *texts]])
    for cells in zip(*columns):
        print("  ".join(cells).rstrip())
    print()
