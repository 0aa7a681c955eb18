// Enforces the NetworkPolicies of the node: the first packet of each connection is judged by the engine of
// kube-network-policies. Its own command runs in pods alone; this one reads a kubeconfig.
//
//	network-policies KUBECONFIG NODE
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: network-policies KUBECONFIG NODE")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	client, err := kubernetes.NewForConfig(config)
	check(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	factory := informers.NewSharedInformerFactory(client, 0)
	// Without an NRI socket the engine goes on without; told that there is none, it fails at the first unknown address.
	controller, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		factory.Core().V1().Pods(),
		nil, nil, nil, nil,
		networkpolicy.Config{NodeName: os.Args[2], QueueID: 100},
	)
	check(err)
	factory.Start(ctx.Done())
	check(controller.Run(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
