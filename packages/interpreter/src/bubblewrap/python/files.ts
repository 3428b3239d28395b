/** The part of the supervisor that carries files in and out of /mnt/data; the rest of it stands around it. */
export const filesSource: string = String.raw`def written_now():
    """Files that some process has open for writing."""
    paths = set()
    for pid in others(1):
        try:
            for entry in os.scandir(f"/proc/{pid}/fd"):
                if entry.stat(follow_symlinks=False).st_mode & 0o200:
                    paths.add(os.readlink(entry.path))
        except OSError:
            pass
    return paths


def is_directory(name, directory):
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def remove(name, directory):
    """Removes whatever has this name, with all that lies below it; links are not followed."""
    if not is_directory(name, directory):
        try:
            os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            pass
        return
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
    for entry in os.listdir(inner):
        remove(entry, inner)
    os.close(inner)
    os.rmdir(name, dir_fd=directory)


class Files:
    """What lies under /mnt/data, and what of it the host knows."""

    def __init__(self):
        self.known = {}
        self.early = 0

    def put(self, name, content):
        directory = os.open(DATA, os.O_RDONLY | os.O_DIRECTORY)
        *parents, last = name.split("/")
        # Nothing that the code has laid in the way is followed; it goes.
        for parent in parents:
            if not is_directory(parent, directory):
                remove(parent, directory)
                os.mkdir(parent, dir_fd=directory)
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
            os.close(directory)
            directory = inner
        remove(last, directory)
        fd = os.open(last, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=directory)
        write_all(fd, content)
        os.close(fd)
        os.close(directory)
        path = f"{DATA}/{name}"
        self.known[name] = (self._mark(os.lstat(path)), blake2b(content).digest())

    def carry_early(self, run, busy):
        """
        Sends what changed and is closed by now, in the middle of a run, so that it outlives a run that gets killed.
        What is sent again and again has an end: the last word is the run's own.
        """
        found = {}
        self._list(DATA, "", found, 0)
        changed = [name for name, status in found.items() if self._is_new(name, status)]
        left_alone = busy() if changed else ()
        for name in changed:
            path = f"{DATA}/{name}"
            size = found[name].st_size
            if path in left_alone or size > LIMITS["fileBytes"] or self.early + size > 2 * LIMITS["totalBytes"]:
                continue
            try:
                with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                    content = file.read(size)
                encoded = name.encode()
            except (OSError, UnicodeEncodeError):
                continue
            if len(name) > 1_000:
                continue
            digest = blake2b(content).digest()
            if name not in self.known or self.known[name][1] != digest:
                self._send(run, encoded, content)
            self.early += size
            self.known[name] = (self._mark(found[name]), digest)

    def carry_out(self, run, mapped):
        """Sends what changed since the last call, and says what is gone and what could not be sent."""
        self.early = 0
        found, refused, total = {}, [], 0
        for name in self._list(DATA, "", found, 0):
            refused.append({"name": name.encode(errors="replace").decode()[:200], "reason": "it lies too deep"})
        seen = {}
        for name, status in found.items():
            try:
                encoded = name.encode()
            except UnicodeEncodeError:
                refused.append({"name": repr(name)[:200], "reason": "its name is no text"})
                continue
            if len(name) > 1_000:
                refused.append({"name": name[:200], "reason": "its name is too long"})
                continue
            total += status.st_size
            before = self.known.get(name)
            if not self._is_new(name, status):
                seen[name] = before
                continue
            if status.st_size > LIMITS["fileBytes"]:
                refused.append({"name": name, "reason": "it is too large"})
                continue
            if total > LIMITS["totalBytes"]:
                refused.append({"name": name, "reason": "all files together are too large"})
                continue
            try:
                fd = os.open(f"{DATA}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                refused.append({"name": name, "reason": "it cannot be read"})
                continue
            content = read_exactly(fd, status.st_size)
            os.close(fd)
            # Two changes within one tick of the clock, or by a mapping, leave no other trace than the content.
            is_sure = time.time_ns() - status.st_ctime_ns > RACY and f"{DATA}/{name}" not in mapped
            digest = blake2b(content).digest()
            seen[name] = (self._mark(status), None if is_sure else digest)
            if before is None or before[1] != digest:
                self._send(run, encoded, content)
        removed = [name for name in self.known if name not in found]
        self.known = seen
        return removed[:10_000], refused[:50]

    def _send(self, run, name, content):
        send(b"F", struct.pack(">IH", run, len(name)), name, content)

    def _is_new(self, name, status):
        known = self.known.get(name)
        return known is None or known[0] != self._mark(status) or known[1] is not None

    def _mark(self, status):
        return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def _list(self, directory, prefix, found, depth):
        """Fills found and answers the folders that lie too deep to be looked into."""
        too_deep = []
        try:
            with os.scandir(directory) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        found[prefix + entry.name] = status
                    elif stat.S_ISDIR(status.st_mode) and depth < 16:
                        too_deep += self._list(entry.path, f"{prefix}{entry.name}/", found, depth + 1)
                    elif stat.S_ISDIR(status.st_mode):
                        too_deep.append(prefix + entry.name)
        except OSError:
            pass
        return too_deep`;
