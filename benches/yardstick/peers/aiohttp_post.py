"""The script that people write: rows of a CSV file, posted by some workers, a line of report for each.

Usage: BENCH_USERNAME=… BENCH_PASSWORD=… aiohttp_post.py URL CONCURRENCY FILE
Neither checks rows nor keeps a journal; ends at the first answer that is no success.
"""

import asyncio
import csv
import os
import sys

import aiohttp


async def work(session, url, login, rows, report):
    for number, row in rows:
        body = {name: cell for name, cell in row.items() if name != "action" and cell}
        async with session.post(url, data=login | body) as response:
            answer = await response.json()
        code = answer["responses"][0]["code"]
        if code != "204":
            raise SystemExit(f"row {number}: {code}")
        report.writerow([number, row["mailbox"], code])


async def main(api, concurrency, path):
    login = {
        "auth_username": os.environ["BENCH_USERNAME"],
        "auth_password": os.environ["BENCH_PASSWORD"],
    }
    connector = aiohttp.TCPConnector(limit=concurrency)
    with (
        open(path, newline="", encoding="utf-8") as file,
        open("aiohttp.report.csv", "w", newline="", encoding="utf-8") as out,
    ):
        rows = enumerate(csv.DictReader(file), start=1)
        report = csv.writer(out)
        async with aiohttp.ClientSession(connector=connector) as session:
            url = api + "mailboxes/create/"
            workers = (work(session, url, login, rows, report) for _ in range(concurrency))
            await asyncio.gather(*workers)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
