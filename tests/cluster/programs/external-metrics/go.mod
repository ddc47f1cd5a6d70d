module trimtab.io/tests/cluster/external-metrics

go 1.26.0
