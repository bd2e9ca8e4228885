"""A strict reader of the feed: the file rules of the EP guide and nothing else."""

import unicodedata


class FeedFile:
    def __init__(self, raw):
        self.faults = []
        if raw.startswith(b"\xef\xbb\xbf"):
            self.faults.append("a byte order mark")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self.faults.append(f"no UTF-8: {error}")
            text = raw.decode("utf-8", "replace")
        if not text.endswith("\n"):
            self.faults.append("no line feed at the end")
        lines = text.split("\n")[:-1]
        self.header = lines[0].split("\t") if lines else []
        self.rows = []
        for number, line in enumerate(lines[1:], start=2):
            fields = line.split("\t")
            if len(fields) != len(self.header):
                self.faults.append(f"row {number} has {len(fields)} fields, the header {len(self.header)}")
            controls = {c for c in line.replace("\t", "") if unicodedata.category(c) == "Cc"}
            if controls:
                self.faults.append(f"row {number} holds control characters {controls}")
            self.rows.append(dict(zip(self.header, fields)))
        if len(set(self.header)) != len(self.header):
            self.faults.append(f"a column twice: {self.header}")

    def ids(self):
        return [row.get("id") for row in self.rows]

    def by_id(self, name):
        return next((row for row in self.rows if row.get("id") == name), {})
