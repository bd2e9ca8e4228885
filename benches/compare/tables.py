"""The comparison's figures as Markdown. It measures nothing."""


def markdown(told):
    lines = [f"{told['date']}, {told['machine']}, {told['products']:,} products; "
             + ", ".join(f"{name} {version}" for name, version in told["versions"].items()) + ".", ""]
    for part, show in (("exports", exports), ("verify", verify), ("start", start), ("route", route)):
        if part in told:
            lines += show(told[part])
    return "\n".join(lines)


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def span(of):
    return f"{of['seconds']:.2f} ({of['least']:.2f} to {of['most']:.2f})"


def same(found):
    if found == "identical":
        return found
    return f"{found['unlike']} of {found['lines']} lines differ" if found["lines"] == found["their_lines"] else \
        f"{found['their_lines']} lines for {found['lines']}"


def exports(told):
    for source, of in told.items():
        yield f"### {source}: {of['mb']} MB to a feed of {of['feed_mb']} MB"
        yield ""
        # Against what has as many cores.
        own = {cores: of["contenders"].get(f"auto-ep, {cores}") for cores in ("2 cores", "1 core")}
        rows = []
        for who, figures in of["contenders"].items():
            cores = "2 cores" if "2" in who else "1 core"
            is_rival = not who.startswith("auto-ep")
            ratio = f"{figures['seconds'] / own[cores]['seconds']:.1f} ×" if is_rival else ""
            build = own[cores]["build_ms"] / 1000
            alone = f"{figures['seconds'] / build:.1f} ×" if is_rival else f"{build:.2f} s"
            rows.append([who, span(figures), f"{figures['mb_per_second']:.0f}", f"{figures['cpu_seconds']:.2f}",
                         f"{figures['peak_mib']:.0f}", ratio, alone, same(figures["feed"]), same(figures["excluded"])])
        yield from table(["", "s, median (least to most)", "MB/s", "CPU s", "peak MiB", "auto-ep is faster by",
                          "its build alone", "feed", "excluded"], rows)


def verify(told):
    yield f"### Verification of a feed of {told['mb']} MB"
    yield ""
    own = {cores: told["contenders"][f"auto-ep, {cores}"]["seconds"] for cores in ("2 cores", "1 core")}
    rows = []
    for who, of in told["contenders"].items():
        cores = "2 cores" if "2 " in who else "1 core"
        ratio = "" if who.startswith(("auto-ep", "sha256")) else f"{of['seconds'] / own[cores]:.1f} ×"
        rows.append([who, f"{of['seconds']:.3f} ({of['least']:.3f} to {of['most']:.3f})",
                     f"{told['mb'] / of['seconds']:.0f}", ratio])
    yield from table(["", "s, median (least to most)", "MB/s", "auto-ep is faster by"], rows)


def start(told):
    yield "### Start and idle memory"
    yield ""
    yield from table(["", "spawn to first 200, ms", "idle MiB"],
                     [[who, f"{of['ms']} ({of['least_ms']} to {of['most_ms']})", of["idle_mib"]]
                      for who, of in told.items() if isinstance(of, dict)])
    yield f"The binary has {told['binary_mb']} MB."
    yield ""


def route(told):
    yield "### The whole route over loopback HTTP into S3"
    yield ""
    yield from table(["catalogue", "s, median (least to most)", "MB/s", "peak MiB"],
                     [[way, span(of), f"{of['mb_per_second']:.0f}", f"{of['peak_mib']:.0f}"] for way, of in told.items()])
