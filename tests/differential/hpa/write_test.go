// Package podautoscaler is Kubernetes' own (see overlay.sh), with a test that asks it random
// questions and writes them down with its answers.
package podautoscaler

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"math/rand"
	"os"
	"testing"
	"testing/synctest"

	"k8s.io/klog/v2"
)

var (
	output       = flag.String("output", "", "file for the cases, one JSON document a line")
	seed         = flag.Int64("seed", 1, "of the random cases")
	calculations = flag.Int("calculations", 1000, "calls of the ReplicaCalculator")
	mostPods     = flag.Int("most-pods", 25, "in one call")
	runs         = flag.Int("runs", 100, "lives of an HPA under the HorizontalController")
)

// TestWriteCases runs with the time of a synctest bubble, so that every limit can be met exactly.
func TestWriteCases(t *testing.T) {
	if *output == "" {
		t.Skip("no -output")
	}
	klog.LogToStderr(false) // The controller tells of every change.
	klog.SetOutput(io.Discard)
	file, err := os.Create(*output)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewWriter(file)
	encoder := json.NewEncoder(lines)
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewSource(*seed))
		for range *calculations {
			c := randomCalculation(r)
			c.ask()
			if err := encoder.Encode(c); err != nil {
				t.Fatal(err)
			}
		}
		for range *runs {
			run := randomRun(r)
			run.live(t)
			if err := encoder.Encode(run); err != nil {
				t.Fatal(err)
			}
		}
	})
	if err := lines.Flush(); err != nil {
		t.Fatal(err)
	}
}
