#!/usr/bin/env python3
"""A report as a browser has it: one file that asks nobody, in which names from outside are text.

  report_page.py TRIMTABCTL    its script is run where there is node, the page where there is Chromium
"""
import os
import shutil
import subprocess
import sys
import tempfile

EVIL = '</script><img src=x onerror=alert(1)>'

POLICY = """apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: shops}
spec:
  target: {selector: {matchLabels: {app: any}}}
  replicas: {min: 1, max: 1000}
  signals: {requests: {perReplica: 10/s}}
  objective: {overload: 1%}
"""


def make_report(program, scratch):
    policy, trace, report = (os.path.join(scratch, name)
                             for name in ('policy.yaml', 'demand.csv', 'report.html'))
    with open(policy, 'w') as file:
        file.write(POLICY)
    with open(trace, 'w') as file:
        file.write('time,series,value\n')
        for minute in range(3000):
            file.write(f'{minute * 60},{EVIL},{600 + minute * 7919 % 3000}\n')
            file.write(f'{minute * 60},calm,{minute % 50}\n')
    subprocess.run([program, 'backtest', policy, '--trace', trace, '--report', report], check=True,
                   stdout=subprocess.DEVNULL)
    return report


def check(holds, what):
    if not holds:
        sys.exit(f'the report {what}')


def run_in_chromium(browser, report, scratch):
    done = subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu',
                           f'--user-data-dir={scratch}/browser', '--disable-breakpad',
                           '--enable-logging=stderr', '--dump-dom', f'file://{report}'],
                          capture_output=True, text=True, timeout=120,
                          env={**os.environ, 'HOME': scratch})  # It leaves files behind.
    check('<circle' in done.stdout and '<path' in done.stdout, 'draws nothing in Chromium')
    check('Uncaught' not in done.stderr and 'Refused to' not in done.stderr,
          f'has errors in Chromium: {done.stderr}')


def main():
    with tempfile.TemporaryDirectory() as scratch:
        report = make_report(sys.argv[1], scratch)
        with open(report) as file:
            page = file.read()
        check(len(page) < 4 << 20, 'is larger than 4 MiB')
        check('<img' not in page, 'takes a name for markup')
        check(page.count('</script>') == 2, 'lets a name end its script')
        for word in (' src=', ' href=', '@import', 'url(', 'fetch(', 'XMLHttpRequest'):
            check(word not in page.replace('img src=x', ''), f'asks for something else: {word}')
        node = shutil.which('node')
        if node:
            here = os.path.dirname(os.path.abspath(__file__))
            subprocess.run([node, os.path.join(here, 'page.js'), report], check=True)
        browser = shutil.which('chromium') or shutil.which('google-chrome')
        if browser:
            run_in_chromium(browser, report, scratch)
        print('script', 'run' if node else 'not run: there is no node;', 'page',
              'loaded' if browser else 'not loaded: there is no Chromium')


if __name__ == '__main__':
    main()
