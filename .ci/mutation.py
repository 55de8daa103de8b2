"""Prints what became of the planted faults of a report, lists the survivors, and exits with 1 if too few were noticed.

Usage: mutation.py SET FLOOR REPORT. FLOOR is the least share, in percent, of the faults in lines that a unit test runs. Lines that only the host
tests run are counted apart: their tests are not run here.
"""
import json
import os
import sys

name, floor, path = sys.argv[1], float(sys.argv[2]), sys.argv[3]
with open(path, encoding="utf-8") as report:
    files = json.load(report)["files"]

count = {"Killed": 0, "Timeout": 0, "Survived": 0, "NoCoverage": 0}
for file, content in sorted(files.items()):
    for fault in content["mutants"]:
        if fault["status"] in count:
            count[fault["status"]] += 1
        if fault["status"] == "Survived":
            line = fault["location"]["start"]["line"]
            print(f"  not noticed: {os.path.basename(file)}:{line} {fault['mutatorName']}: {' '.join(fault['replacement'].split())[:100]}")

noticed = count["Killed"] + count["Timeout"]
covered = noticed + count["Survived"]
share = 100 * noticed / covered if covered else 0
print(f"{name}: {noticed} of {covered} faults noticed, {share:.1f} % (floor {floor:.0f} %); {count['NoCoverage']} more in lines without a unit test")
sys.exit(share < floor)
