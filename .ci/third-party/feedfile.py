"""A strict reader of the feed: the file rules of the EP guide and nothing else."""

import unicodedata


class FeedFile:
    def __init__(self, raw):
        self.faults = ["a byte order mark"] * raw.startswith(b"\xef\xbb\xbf")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self.faults.append(f"no UTF-8: {error}")
            text = raw.decode("utf-8", "replace")
        *lines, last = text.split("\n")
        if last or not lines:
            self.faults.append("no line feed at the end")
        header = (lines or [""])[0].split("\t")
        if len(set(header)) != len(header):
            self.faults.append(f"a column twice: {header}")
        for number, line in enumerate(lines[1:], start=2):
            if line.count("\t") + 1 != len(header):
                self.faults.append(f"row {number} has {line.count(chr(9)) + 1} fields, the header {len(header)}")
            if controls := {c for c in line if unicodedata.category(c) == "Cc"} - {"\t"}:
                self.faults.append(f"row {number} holds control characters {controls}")
        self.rows = [dict(zip(header, line.split("\t"))) for line in lines[1:]]

    def ids(self):
        return [row.get("id") for row in self.rows]
