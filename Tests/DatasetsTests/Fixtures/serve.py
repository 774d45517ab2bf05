"""Serves the bytes 0, 1, … 250, 0, 1, … as /file; the first answer to /breaks ends in the middle.

Prints its port. `Range` is understood, as curl needs it to carry on, and each request is printed.
"""

import http.server

CONTENT = bytes(i % 251 for i in range(100_000))
broken = set()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path not in ("/file", "/breaks"):
            return self.send_error(404)
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        print(self.path, start, flush=True)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        end = len(CONTENT)
        if self.path == "/breaks" and self.path not in broken:
            broken.add(self.path)
            end = 40_000
        self.wfile.write(CONTENT[start:end])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
