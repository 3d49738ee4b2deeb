"""Reads lines "COUNT URL", makes that many GETs with one session, answers with the seconds they took."""
import sys
import time

import requests

session = requests.Session()
session.trust_env = False
print(requests.__version__, flush=True)
for line in sys.stdin:
    count, url = line.split()
    start = time.perf_counter()
    for _ in range(int(count)):
        response = session.get(url, timeout=30)
        assert response.status_code == 200
        size = len(response.content)
    print(time.perf_counter() - start, flush=True)
