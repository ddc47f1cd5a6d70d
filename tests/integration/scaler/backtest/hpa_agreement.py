#!/usr/bin/env python3
"""Holds the backtest's HPA to the reference simulator on every public trace, where both are there.

  hpa_agreement.py TRIMTABCTL TRACES    ends with 77 (skipped) where TRACES is not there

Pod-hours within 1 %, the excess within 5 % of itself.
"""
import json
import os
import subprocess
import sys
import tempfile

POLICY = """apiVersion: trimtab.io/v1alpha1
kind: ScalingPolicy
metadata: {name: any}
spec:
  target: {selector: {matchLabels: {app: any}}}
  replicas: {min: 1, max: 10000}
  signals: {requests: {perReplica: 100/s}}
"""

TRACES = {
    'worldcup': ('worldcup98_per_minute.csv.gz', []),
    'elb': ('nab_cloudwatch_5min.csv.gz', ['--series', 'elb_*']),
    'azure_day': ('azure2019_day_per_minute.csv.gz', []),
    'azure_8h': ('azure2019_8h_with_trigger.csv.gz', []),
}


def backtest(program, traces, name, capacity, policy):
    file, arguments = TRACES[name]
    command = [program, 'backtest', policy, '--trace', os.path.join(traces, file), '--capacity',
               f'{capacity}/s', '--against', 'hpa,keda', '--json', *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)['runs']


def reference(simulator, name, zero):
    """As the reference's own run_requests has it: nodes where there is one series."""
    series = simulator.load('public', name)
    capacity = simulator.CAP[name]
    options = dict(mode='rps', ca=len(series) == 1, zero=zero)
    runs = [simulator.one((rates, capacity, options)) for rates in series]
    return {key: sum(run[key] for run in runs) for key in ('pod_h', 'req', 'excess')}


def disagreement(ours, theirs):
    pods = abs(ours['pod_hours'] / theirs['pod_h'] - 1)
    share = ours['excess'] / ours['requests']
    wanted = theirs['excess'] / theirs['req']
    excess = abs(share / wanted - 1) if wanted else share
    return pods, excess


def main():
    program, traces = sys.argv[1:]
    if not os.path.isdir(os.path.join(traces, 'reference')):
        print(f'skipped: there is no {traces}')
        return 77
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(traces, 'reference'))
    import simulator
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        policy = os.path.join(scratch, 'policy.yaml')
        with open(policy, 'w') as file:
            file.write(POLICY)
        for name in TRACES:
            runs = backtest(program, traces, name, simulator.CAP[name], policy)
            # Busy sites never sleep.
            for run, zero in (('hpa', None), ('keda', 300)):
                if zero and name in ('worldcup', 'elb'):
                    continue
                pods, excess = disagreement(runs[run]['total'], reference(simulator, name, zero))
                bad = pods > 0.01 or excess > 0.05
                failures += bad
                print(f'{name:10s} {run:5s} pod-hours {pods:.2%} off, excess {excess:.2%} off'
                      f'{"  TOO FAR" if bad else ""}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
