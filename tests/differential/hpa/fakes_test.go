package podautoscaler

import (
	"context"
	"errors"
	"maps"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	scaleclient "k8s.io/client-go/scale"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

type podMetric = metricsclient.PodMetric

var errNoMetric = errors.New("no such metric")

// The metrics APIs. The callers change the map of pods, so they get a copy.

func (m metricsOf) GetResourceMetric(_ context.Context, _ v1.ResourceName, _ string,
	_ labels.Selector, _ string) (metricsclient.PodMetricsInfo, time.Time, error) {
	return maps.Clone(m.pods), time.Now(), nil
}

func (m metricsOf) GetRawMetric(string, string, labels.Selector, labels.Selector) (
	metricsclient.PodMetricsInfo, time.Time, error) {
	return maps.Clone(m.pods), time.Now(), nil
}

func (m metricsOf) GetObjectMetric(string, string, *autoscaling.CrossVersionObjectReference,
	labels.Selector) (int64, time.Time, error) {
	return m.object, time.Now(), nil
}

func (m metricsOf) GetExternalMetric(string, string, labels.Selector) (
	[]int64, time.Time, error) {
	return m.external, time.Now(), nil
}

// podList is all pods there are, and all of them are selected.
type podList []*v1.Pod

func (p podList) List(labels.Selector) ([]*v1.Pod, error) { return p, nil }

func (p podList) Pods(string) corelisters.PodNamespaceLister { return p }

func (p podList) Get(string) (*v1.Pod, error) { return nil, errors.New("not asked for") }

// scaleOf is the scale of the one workload there is.
type scaleOf struct {
	replicas, existing int32
}

func (s *scaleOf) Scales(string) scaleclient.ScaleInterface { return s }

func (s *scaleOf) Get(context.Context, schema.GroupResource, string, metav1.GetOptions) (
	*autoscalingv1.Scale, error) {
	return &autoscalingv1.Scale{
		Spec:   autoscalingv1.ScaleSpec{Replicas: s.replicas},
		Status: autoscalingv1.ScaleStatus{Replicas: s.existing, Selector: "app=shop"},
	}, nil
}

func (s *scaleOf) Update(_ context.Context, _ schema.GroupResource, scale *autoscalingv1.Scale,
	_ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	s.replicas = scale.Spec.Replicas
	return scale, nil
}

func (s *scaleOf) Patch(context.Context, schema.GroupVersionResource, string,
	types.PatchType, []byte, metav1.PatchOptions) (*autoscalingv1.Scale, error) {
	return nil, errors.New("not asked for")
}

// statuses takes what the controller writes of an HPA, and forgets it.
type statuses struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
}

func (s statuses) HorizontalPodAutoscalers(
	string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return s
}

func (s statuses) UpdateStatus(_ context.Context, hpa *autoscaling.HorizontalPodAutoscaler,
	_ metav1.UpdateOptions) (*autoscaling.HorizontalPodAutoscaler, error) {
	return hpa, nil
}

// mapping knows one kind.
type mapping struct {
	apimeta.RESTMapper
}

func (mapping) RESTMappings(schema.GroupKind, ...string) ([]*apimeta.RESTMapping, error) {
	return []*apimeta.RESTMapping{{
		Resource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"},
	}}, nil
}
