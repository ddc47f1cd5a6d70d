package podautoscaler

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"time"

	autoscaling "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// calculation is one call of the ReplicaCalculator. Times are milliseconds before now, amounts are
// thousandths.
type calculation struct {
	Kind string `json:"kind"`
	// CPU initialization, readiness delay, window, tolerances; absent: the defaults.
	Settings []float64 `json:"settings,omitempty"`
	Current  int32     `json:"current"`
	Existing int32     `json:"existing"`
	Target   int64     `json:"target"`
	Value    int64     `json:"value"`
	Pods     []podRow  `json:"pods,omitempty"`
	Replicas *int32    `json:"replicas"` // Absent: an error.
	Usage    int64     `json:"usage"`
}

// podRow is: phase, ready, terminating, started, ready changed, request, use, sampled.
type podRow [8]*int64

const (
	rowPhase = iota
	rowReady
	rowTerminating
	rowStarted
	rowChanged
	rowRequest
	rowUse
	rowSampled
)

var phases = []v1.PodPhase{v1.PodPending, v1.PodRunning, v1.PodFailed}

const minute = 60_000

var defaults = []float64{5 * minute, 30_000, 15_000, 0.1, 0.1}

func some(value int64) *int64 { return &value }

func flag01(value bool) *int64 {
	if value {
		return some(1)
	}
	return some(0)
}

func chance(r *rand.Rand, percent int) bool { return r.Intn(100) < percent }

func oneOf[T any](r *rand.Rand, values ...T) T { return values[r.Intn(len(values))] }

var kinds = []string{
	"cpu", "cpu", "cpu", "cpu", "cpu", "cpu", "memory", "memory", "memory", "cpu_average", "pods",
	"external_value", "external_average", "object_value", "object_average",
}

func randomCalculation(r *rand.Rand) calculation {
	c := calculation{
		Kind:     oneOf(r, kinds...),
		Settings: defaults,
		Target:   int64(oneOf(r, 1+r.Intn(250), 50, 60, 70, 75, 80, 100, 120)),
	}
	if chance(r, 20) {
		c.Settings = []float64{
			float64(oneOf(r, 0, 2*minute, 10*minute)), float64(oneOf(r, 0, 10_000, 60_000)),
			float64(oneOf(r, 0, 30_000, 60_000)),
			oneOf(r, 0, 0.05, 0.1, 0.2, 0.5), oneOf(r, 0, 0.05, 0.1, 0.2, 0.5),
		}
	}
	pods := min(*mostPods, oneOf(r, 1+r.Intn(4), 1+r.Intn(9), r.Intn(25)))
	c.Current = int32(pods)
	if chance(r, 25) {
		c.Current = int32(r.Intn(20))
	}
	c.Existing = c.Current
	if chance(r, 20) {
		c.Existing = int32(r.Intn(20))
	}
	// Use around the target, often exactly at a multiple where a rule changes its mind.
	load := oneOf(r, r.Float64()*2.5, r.Float64()*2.5, 0.8+0.4*r.Float64(), 0.9, 1, 1.1, 0, 1.2, 2)
	switch c.Kind {
	case "external_value", "external_average", "object_value", "object_average":
		c.Target = oneOf(r, c.Target*1000, int64(1+r.Intn(100_000)))
		c.Value = int64(load * float64(c.Target))
		if c.Kind == "external_average" || c.Kind == "object_average" {
			c.Value *= int64(c.Existing)
		}
		if chance(r, 5) {
			// Above 2^31 replicas, what Go makes of the number depends on the processor.
			c.Value = r.Int63n(min(1_000_000_000_000, c.Target<<31-c.Target))
		}
	case "cpu_average", "pods":
		c.Target = oneOf(r, c.Target*1000, int64(1000+r.Intn(100_000)))
	}
	if c.Kind != "external_average" && c.Kind != "object_average" {
		c.Pods = randomPods(r, &c, pods, load)
	}
	return c
}

func randomPods(r *rand.Rand, c *calculation, count int, load float64) []podRow {
	unit := int64(1)
	if c.Kind == "memory" || c.Kind == "pods" {
		unit = 1000 // Whole bytes.
	}
	request := int64(1+r.Intn(4000)) * unit
	wanted := load * float64(request) * float64(c.Target) / 100
	if c.Kind == "cpu_average" || c.Kind == "pods" {
		wanted = load * float64(c.Target)
	}
	trouble := oneOf(r, 0, 0, 10, 30)
	rows := make([]podRow, count)
	for i := range rows {
		use := int64(wanted)
		if chance(r, 50) {
			use = int64(wanted * (0.5 + r.Float64()))
		}
		rows[i] = randomPod(r, c, trouble)
		rows[i][rowRequest] = some(request)
		rows[i][rowUse] = some(use / unit * unit)
		if chance(r, trouble) {
			rows[i][rowRequest] = some(int64(1+r.Intn(4000)) * unit)
		}
		if chance(r, trouble) {
			rows[i][rowUse] = nil
		}
		if trouble > 0 && chance(r, 1) {
			rows[i][rowRequest] = nil
		}
	}
	return rows
}

func randomPod(r *rand.Rand, c *calculation, trouble int) podRow {
	var row podRow
	phase := 1
	if chance(r, trouble) {
		phase = oneOf(r, 0, 0, 2)
	}
	row[rowPhase] = some(int64(phase))
	row[rowTerminating] = flag01(chance(r, trouble/3))
	row[rowReady] = flag01(!chance(r, trouble))
	initialization, delay := int64(c.Settings[0]), int64(c.Settings[1])
	window := int64(c.Settings[2])
	near := int64(r.Intn(3) - 1) // A millisecond before a limit, at it, or after it.
	started := oneOf(r, 60*minute, 60*minute, initialization+near, r.Int63n(11*minute))
	changed := started - oneOf(r, delay+near, r.Int63n(2*minute))
	if chance(r, 40) {
		changed = r.Int63n(started + 2)
	}
	row[rowStarted], row[rowChanged] = some(started), some(changed)
	if trouble > 0 && chance(r, 3) {
		row[rowStarted] = nil
	}
	if trouble > 0 && chance(r, 3) {
		row[rowChanged] = nil
	}
	row[rowSampled] = some(oneOf(r, changed-window+near, r.Int63n(minute), r.Int63n(15_000)))
	return row
}

// metricsOf is what the metrics API would tell of the pods.
type metricsOf struct {
	pods     map[string]podMetric
	external []int64
	object   int64
	failed   map[string]bool
}

func podName(i int) string { return fmt.Sprintf("pod-%d", i) }

func ago(milliseconds int64) time.Time {
	return time.Now().Add(-time.Duration(milliseconds) * time.Millisecond)
}

func kubernetesPod(i int, row podRow, name v1.ResourceName) *v1.Pod {
	pod := &v1.Pod{}
	pod.Name, pod.Namespace = podName(i), "shop"
	pod.Status.Phase = phases[*row[rowPhase]]
	if *row[rowTerminating] == 1 {
		pod.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	}
	if row[rowStarted] != nil {
		pod.Status.StartTime = &metav1.Time{Time: ago(*row[rowStarted])}
	}
	if row[rowChanged] != nil {
		status := v1.ConditionFalse
		if *row[rowReady] == 1 {
			status = v1.ConditionTrue
		}
		pod.Status.Conditions = []v1.PodCondition{{
			Type: v1.PodReady, Status: status,
			LastTransitionTime: metav1.Time{Time: ago(*row[rowChanged])},
		}}
	}
	container := v1.Container{Name: "main"}
	if row[rowRequest] != nil {
		container.Resources.Requests = v1.ResourceList{
			name: *resource.NewMilliQuantity(*row[rowRequest], resource.DecimalSI),
		}
	}
	pod.Spec.Containers = []v1.Container{container}
	return pod
}

func (c *calculation) ask() {
	name := v1.ResourceCPU
	if c.Kind == "memory" {
		name = v1.ResourceMemory
	}
	metrics := metricsOf{pods: map[string]podMetric{}, object: c.Value}
	metrics.external = []int64{c.Value / 3, c.Value - c.Value/3}
	pods := make(podList, len(c.Pods))
	for i, row := range c.Pods {
		pods[i] = kubernetesPod(i, row, name)
		if row[rowUse] != nil {
			metrics.pods[podName(i)] = podMetric{
				Timestamp: ago(*row[rowSampled]), Value: *row[rowUse],
				Window: time.Duration(c.Settings[2]) * time.Millisecond,
			}
		}
	}
	calculator := NewReplicaCalculator(metrics, pods,
		time.Duration(c.Settings[0])*time.Millisecond, time.Duration(c.Settings[1])*time.Millisecond)
	replicas, usage, err := c.call(calculator, name)
	if err == nil {
		c.Replicas, c.Usage = &replicas, usage
	}
	if slices.Equal(c.Settings, defaults) {
		c.Settings = nil
	}
}

func (c *calculation) call(calculator *ReplicaCalculator, name v1.ResourceName) (
	replicas int32, usage int64, err error) {
	all := labels.Everything()
	object := &autoscaling.CrossVersionObjectReference{}
	tolerances := Tolerances{scaleUp: c.Settings[3], scaleDown: c.Settings[4]}
	switch c.Kind {
	case "cpu", "memory":
		var percent int32
		replicas, percent, _, _, err = calculator.GetResourceReplicas(context.Background(),
			c.Current, int32(c.Target), name, tolerances, "shop", all, "")
		usage = int64(percent)
	case "cpu_average":
		replicas, usage, _, err = calculator.GetRawResourceReplicas(context.Background(), c.Current,
			c.Target, name, tolerances, "shop", all, "")
	case "pods":
		replicas, usage, _, err = calculator.GetMetricReplicas(c.Current, c.Target, "metric",
			tolerances, "shop", all, all)
	case "external_value":
		replicas, usage, _, err = calculator.GetExternalMetricReplicas(c.Current, c.Target, "metric",
			tolerances, "shop", nil, all)
	case "external_average":
		replicas, usage, _, err = calculator.GetExternalPerPodMetricReplicas(c.Existing, c.Target,
			"metric", tolerances, "shop", nil)
	case "object_value":
		replicas, usage, _, err = calculator.GetObjectMetricReplicas(c.Current, c.Target, "metric",
			tolerances, "shop", object, all, all)
	case "object_average":
		replicas, usage, _, err = calculator.GetObjectPerPodMetricReplicas(c.Existing, c.Target,
			"metric", tolerances, "shop", object, all)
	}
	return replicas, usage, err
}
