// Serves external.metrics.k8s.io with numbers that a test sets, so that the HorizontalPodAutoscaler
// can be measured on a metric that changes at once.
//
//	GET  /apis/external.metrics.k8s.io/v1beta1/namespaces/N/METRIC    what the controller asks
//	PUT  /values/METRIC                                               a test's number, as the body
//
// One listener with TLS on loopback; whoever reaches it may do both.
package main

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"sync"
	"time"
)

const api = "/apis/external.metrics.k8s.io/v1beta1"

// A metric nobody has set yet is not there: the controller then changes nothing.
type metrics struct {
	sync.RWMutex
	values map[string]string
}

func (m *metrics) set(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.Lock()
	defer m.Unlock()
	m.values[r.PathValue("metric")] = string(body)
}

func (m *metrics) get(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("metric")
	m.RLock()
	value, known := m.values[name]
	m.RUnlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	answer(w, map[string]any{
		"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1",
		"metadata": map[string]any{},
		"items": []any{map[string]any{
			"metricName": name, "metricLabels": map[string]any{},
			"timestamp": time.Now().UTC().Format(time.RFC3339), "value": value,
		}},
	})
}

func resources(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "external.metrics.k8s.io/v1beta1",
		"resources": []any{map[string]any{
			"name": "externalmetrics", "singularName": "", "namespaced": true,
			"kind": "ExternalMetricValueList", "verbs": []string{"get"},
		}},
	})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func main() {
	listen := flag.String("listen", "", "address and port")
	certificate := flag.String("certificate", "", "PEM file")
	key := flag.String("key", "", "PEM file")
	flag.Parse()

	served := metrics{values: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+api, resources)
	mux.HandleFunc("GET "+api+"/namespaces/{namespace}/{metric}", served.get)
	mux.HandleFunc("PUT /values/{metric}", served.set)
	log.Fatal(http.ListenAndServeTLS(*listen, *certificate, *key, mux))
}
