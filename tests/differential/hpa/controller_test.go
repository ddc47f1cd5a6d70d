package podautoscaler

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
	"time"

	autoscaling "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/record"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/monitor"
	"k8s.io/kubernetes/pkg/controller/util/selectors"
)

// run is the life of one HPA under the HorizontalController.
type run struct {
	Kind      string    `json:"kind"`
	Min       int32     `json:"min"`
	Max       int32     `json:"max"`
	Tolerance float64   `json:"tolerance"`
	Behavior  *behavior `json:"behavior"` // Absent: the HPA has none.
	Metrics   []metric  `json:"metrics"`
	Replicas  int32     `json:"replicas"` // At the beginning.
	Steps     []step    `json:"steps"`
}

type behavior struct {
	Up   rules `json:"up"`
	Down rules `json:"down"`
}

type rules struct {
	Window int32      `json:"window"` // Seconds.
	Select string     `json:"select"`
	Limits [][3]int32 `json:"limits"` // 0 pods or 1 per cent; value; seconds.
}

type metric struct {
	Kind   string `json:"kind"` // cpu, value or average.
	Target int64  `json:"target"`
}

// step is one reconciliation.
type step struct {
	After    int64    // Milliseconds since the one before.
	Set      *int32   // Replicas that somebody else asks for before it.
	Ready    int32    // Of the replicas, which all exist.
	Replicas int32    // Afterwards.
	Values   []*int64 // Of each metric; absent: it cannot be had.
}

// MarshalJSON writes a row, because there are many.
func (s step) MarshalJSON() ([]byte, error) {
	row := []any{s.After, s.Set, s.Ready, s.Replicas}
	for _, value := range s.Values {
		row = append(row, value)
	}
	return json.Marshal(row)
}

const cpuRequest = 200

func randomRules(r *rand.Rand) rules {
	limits := make([][3]int32, 1+r.Intn(3))
	for i := range limits {
		limits[i] = [3]int32{int32(r.Intn(2)), int32(1 + r.Intn(8)), int32(oneOf(r, 1, 15, 30, 60, 90))}
		if limits[i][0] == 1 {
			limits[i][1] = int32(oneOf(r, 1+r.Intn(200), 10, 50, 100))
		}
	}
	return rules{
		Window: int32(oneOf(r, 0, 0, 15, 30, 60, 90, 300)),
		Select: oneOf(r, "Max", "Max", "Max", "Min", "Min", "Disabled"),
		Limits: limits,
	}
}

func randomRun(r *rand.Rand) run {
	life := run{
		Kind: "run", Min: int32(1 + r.Intn(4)), Tolerance: oneOf(r, 0.1, 0.1, 0, 0.2),
		Metrics: make([]metric, 1+r.Intn(3)), Steps: make([]step, 20+r.Intn(20)),
	}
	life.Max = life.Min + int32(r.Intn(30))
	life.Replicas = life.Min + int32(r.Intn(int(life.Max-life.Min)+1))
	if chance(r, 70) {
		life.Behavior = &behavior{Up: randomRules(r), Down: randomRules(r)}
	}
	for i := range life.Metrics {
		life.Metrics[i] = metric{oneOf(r, "value", "average", "average"), int64(10 + r.Intn(100))}
	}
	if chance(r, 30) {
		life.Metrics[0].Kind = "cpu" // Once at most: pods have but one use.
	}
	trouble := oneOf(r, 0, 0, 5, 30)
	load := 1.0
	for i := range life.Steps {
		if chance(r, 30) {
			load = r.Float64() * float64(life.Max)
		}
		life.Steps[i] = randomStep(r, &life, load, trouble)
	}
	return life
}

func randomStep(r *rand.Rand, life *run, load float64, trouble int) step {
	s := step{After: int64(oneOf(r, 15, 15, 15, 30, 45, 60, 300)) * 1000}
	if life.Behavior != nil {
		// Without, nobody sets replicas: then the HPA is alone, as the engine's shadow of it is.
		s.After = oneOf(r, s.After, 1000, 14_999, 15_001, 30_000, int64(r.Intn(20_000)))
		if chance(r, trouble/2) {
			set := int32(r.Intn(int(life.Max) + 5))
			s.Set = &set
		}
	}
	s.Ready = int32(r.Intn(100)) // Per cent, until the number of replicas is known.
	if chance(r, 70) {
		s.Ready = 100
	}
	for _, m := range life.Metrics {
		value := int64(load * float64(m.Target) * (0.8 + 0.4*r.Float64()))
		switch m.Kind {
		case "cpu":
			value = int64(float64(cpuRequest*m.Target) / 100 * oneOf(r, 1, 0.5, 0.9, 1.1, r.Float64()*3))
		case "value":
			value = int64(float64(m.Target) * oneOf(r, 1, 0.5, 0.9, 1.1, r.Float64()*3))
		}
		s.Values = append(s.Values, &value)
		if chance(r, trouble) {
			s.Values[len(s.Values)-1] = nil
		}
	}
	return s
}

func (b *rules) kubernetes() *autoscaling.HPAScalingRules {
	selected := map[string]autoscaling.ScalingPolicySelect{
		"Max": autoscaling.MaxChangePolicySelect, "Min": autoscaling.MinChangePolicySelect,
		"Disabled": autoscaling.DisabledPolicySelect,
	}[b.Select]
	result := &autoscaling.HPAScalingRules{
		StabilizationWindowSeconds: &b.Window, SelectPolicy: &selected,
	}
	for _, limit := range b.Limits {
		kind := oneOfTwo(limit[0] == 0, autoscaling.PodsScalingPolicy, autoscaling.PercentScalingPolicy)
		result.Policies = append(result.Policies,
			autoscaling.HPAScalingPolicy{Type: kind, Value: limit[1], PeriodSeconds: limit[2]})
	}
	return result
}

func oneOfTwo[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func (m metric) kubernetes(i int) autoscaling.MetricSpec {
	if m.Kind == "cpu" {
		percent := int32(m.Target)
		return autoscaling.MetricSpec{
			Type: autoscaling.ResourceMetricSourceType,
			Resource: &autoscaling.ResourceMetricSource{
				Name:   v1.ResourceCPU,
				Target: autoscaling.MetricTarget{AverageUtilization: &percent},
			},
		}
	}
	target := resource.NewMilliQuantity(m.Target, resource.DecimalSI)
	source := &autoscaling.ExternalMetricSource{
		Metric: autoscaling.MetricIdentifier{Name: fmt.Sprint(i)},
	}
	if m.Kind == "value" {
		source.Target.Value = target
	} else {
		source.Target.AverageValue = target
	}
	return autoscaling.MetricSpec{Type: autoscaling.ExternalMetricSourceType, External: source}
}

func (life *run) kubernetes() *autoscaling.HorizontalPodAutoscaler {
	hpa := &autoscaling.HorizontalPodAutoscaler{}
	hpa.Name, hpa.Namespace = "shop", "shop"
	hpa.Spec.ScaleTargetRef = autoscaling.CrossVersionObjectReference{
		APIVersion: "apps/v1", Kind: "Deployment", Name: "shop",
	}
	hpa.Spec.MinReplicas, hpa.Spec.MaxReplicas = &life.Min, life.Max
	for i, m := range life.Metrics {
		hpa.Spec.Metrics = append(hpa.Spec.Metrics, m.kubernetes(i))
	}
	if life.Behavior != nil {
		hpa.Spec.Behavior = &autoscaling.HorizontalPodAutoscalerBehavior{
			ScaleUp: life.Behavior.Up.kubernetes(), ScaleDown: life.Behavior.Down.kubernetes(),
		}
	}
	return hpa
}

// world is what the controller sees in one step.
type world struct {
	metricsOf
	run  *run
	step *step
}

func (w *world) GetExternalMetric(name string, _ string, _ labels.Selector) (
	[]int64, time.Time, error) {
	for i := range w.run.Metrics {
		if fmt.Sprint(i) == name && w.step.Values[i] != nil {
			return []int64{*w.step.Values[i]}, time.Now(), nil
		}
	}
	return nil, time.Time{}, errNoMetric
}

func (life *run) cpuUse(s *step) *int64 {
	if life.Metrics[0].Kind == "cpu" {
		return s.Values[0]
	}
	return nil
}

func (w *world) pods(replicas int32) podList {
	w.metricsOf.pods = metricsclient.PodMetricsInfo{}
	use := w.run.cpuUse(w.step)
	pods := make(podList, replicas)
	for i := range pods {
		row := podRow{some(0), some(0), some(0), some(60 * minute), some(30 * minute), some(cpuRequest)}
		if int32(i) < w.step.Ready {
			row[rowPhase], row[rowReady] = some(1), some(1)
			if use != nil {
				w.metricsOf.pods[podName(i)] = podMetric{
					Timestamp: time.Now(), Value: *use, Window: 15 * time.Second,
				}
			}
		}
		pods[i] = kubernetesPod(i, row, v1.ResourceCPU)
	}
	return pods
}

// live lets the controller reconcile once each step and notes what becomes of the replicas.
func (life *run) live(t *testing.T) {
	hpa := life.kubernetes()
	scale := &scaleOf{replicas: life.Replicas}
	controller := &HorizontalController{
		scaleNamespacer: scale, hpaNamespacer: statuses{}, mapper: mapping{},
		tolerance: life.Tolerance, eventRecorder: &record.FakeRecorder{}, monitor: monitor.New(),
		downscaleStabilisationWindow: 300 * time.Second,
		recommendations:              map[string][]timestampedRecommendation{},
		scaleUpEvents:                map[string][]timestampedScaleEvent{},
		scaleDownEvents:              map[string][]timestampedScaleEvent{},
		hpaSelectors:                 selectors.NewBiMultimap(),
	}
	for i := range life.Steps {
		s := &life.Steps[i]
		time.Sleep(time.Duration(s.After) * time.Millisecond)
		if s.Set != nil {
			scale.replicas = *s.Set
		}
		scale.existing = scale.replicas
		s.Ready = (scale.replicas*s.Ready + 50) / 100
		w := &world{run: life, step: s}
		pods := w.pods(scale.replicas)
		controller.podLister = pods
		controller.replicaCalc = NewReplicaCalculator(w, pods, 5*time.Minute, 30*time.Second)
		// An error is what happens when a metric cannot be had.
		_ = controller.reconcileAutoscaler(context.Background(), hpa, "shop/shop")
		s.Replicas = scale.replicas
	}
}
