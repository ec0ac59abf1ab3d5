"""Makes `python-cache.json`: the cache that Python's huggingface_hub makes of a small repository, entry by entry.

    pip install huggingface_hub==2.4.0
    python make-golden.py

The hub is a server of its own here, not the one that the tests have: it answers as huggingface.co does to HEAD and GET.
"""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import tempfile
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ID = "some-owner/Some.Model"
FILES = {
    "config.json": b'{"model_type": "llama"}\n',
    "weights/model.safetensors": bytes(range(256)) * 8,
    "empty.txt": b"",
}
LARGE = {"weights/model.safetensors"}


class Hub(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        _, _, rest = self.path.partition("/resolve/")
        _, _, name = rest.partition("/")
        body = FILES.get(name)
        self.send_response(404 if body is None else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        if body is None:
            self.send_header("X-Error-Code", "EntryNotFound")
            body = b""
        elif name in LARGE:
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(body)))
        else:
            blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
            self.send_header("ETag", f'"{blob}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
folder = pathlib.Path(tempfile.mkdtemp())
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
os.environ["HF_HOME"] = str(folder)
os.environ.pop("HF_HUB_OFFLINE", None)

import huggingface_hub

for name in FILES:
    huggingface_hub.hf_hub_download(ID, name)
huggingface_hub.hf_hub_download(ID, "config.json", revision=COMMIT)

entries = []
repository = folder / "hub" / f"models--{ID.replace('/', '--')}"
for path in sorted(repository.rglob("*")):
    name = path.relative_to(folder / "hub").as_posix()
    if path.is_symlink():
        entries.append({"name": name, "link": os.readlink(path)})
    elif path.is_file():
        entries.append({"name": name, "base64": base64.b64encode(path.read_bytes()).decode()})
with open(pathlib.Path(__file__).with_name("python-cache.json"), "w") as file:
    versions = {"huggingface_hub": huggingface_hub.__version__}
    json.dump({"versions": versions, "id": ID, "commit": COMMIT, "entries": entries}, file, indent=1)
    file.write("\n")
