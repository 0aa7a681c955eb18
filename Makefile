# What to type. Everything is in launcher/; this file only names it.
export STACK PLUGINS NODES CONFIRM JSON KIND ALLOW CHANGES REPO FLUX WRITE FROM SAFETY BY TO CONTEXT IMAGES CASES SHARD FAULTY_SERVERS DAYS UPDATE ONLY SEED
.DEFAULT_GOAL := help
.PHONY: check up preview drift guard report stacks unlock gitops render status smoke backups backup restore restore-done snapshot drill rotate-password down destroy clean test unit lint e2e conformance schema parity policy versions help

check: ## ask a cloud's account for what a stack needs there before the first up (STACK=x)
	@sh launcher/bootstrap.sh check
up: ## deploy: dependencies, engine, cluster, stack; says what runs and how to reach it
	@sh launcher/bootstrap.sh up
preview: ## show what up would change; writes build/ci/preview-STACK.json and .md, without values
	@sh launcher/bootstrap.sh preview
drift: ## say what differs in the cluster from the program; writes build/ci/drift-STACK.json and .md
	@sh launcher/bootstrap.sh drift
guard: ## fail when the last preview loses data, a cluster or a key (ALLOW=Kind/name,...; CHANGES=none)
	@sh launcher/bootstrap.sh guard
report: ## publish the last result: a comment or an issue on GitHub, else printed (KIND=preview|drift)
	@sh launcher/bootstrap.sh report
stacks: ## list the stacks (KIND=local|placeholder|real; JSON=1: as JSON)
	@sh launcher/bootstrap.sh stacks
unlock: ## show the lock of a stack; remove it (STACK=x CONFIRM=x)
	@sh launcher/bootstrap.sh unlock
gitops: ## write build/gitops/STACK.yaml for the Pulumi Kubernetes Operator (REPO=url; FLUX=name)
	@sh launcher/bootstrap.sh gitops
render: ## write the manifests to build/render/STACK, without a cluster
	@sh launcher/bootstrap.sh render
status: ## say what runs and how to reach it (JSON=1: as JSON)
	@sh launcher/bootstrap.sh status
smoke: ## ask the deployed application over HTTP (WRITE=1: adds a row; default on local clusters)
	@sh launcher/bootstrap.sh smoke
backups: ## list the backups of the data, and how they were verified; fails when the newest is too old (JSON=1: as JSON)
	@sh launcher/bootstrap.sh backups
backup: ## make a verified backup now (TO=folder: and copy it there)
	@sh launcher/bootstrap.sh backup
restore: ## put a backup in the place of the data (FROM=latest, a name, or ./file.dump)
	@sh launcher/bootstrap.sh restore
restore-done: ## remove the data from before the last restore
	@sh launcher/bootstrap.sh restore-done
snapshot: ## make a snapshot of every volume, where the cluster has a driver for that
	@sh launcher/bootstrap.sh snapshot
drill: ## rehearse a restore in a throw-away namespace; writes build/drill/STACK.json and .md
	@sh launcher/bootstrap.sh drill
rotate-password: ## give the services that log in to the database another role and password, while they serve
	@sh launcher/bootstrap.sh rotate-password
down: ## remove a stack on this computer, and the sandbox; never stops a minikube
	@sh launcher/bootstrap.sh down
destroy: ## destroy a stack elsewhere, its data with it (STACK=x CONFIRM=x)
	@sh launcher/bootstrap.sh destroy
clean: ## remove what was built in the work tree; state and caches stay
	@rm -rf build
test: ## check format, lint, types and unit tests (UPDATE=1: writes the files that are generated)
	@sh launcher/bootstrap.sh test
unit: ## run unit tests alone (ONLY=test/x.test.ts, a folder, or path:title: those)
	@sh launcher/bootstrap.sh unit
lint: ## check format, lint and types
	@sh launcher/bootstrap.sh lint
e2e: ## run the real engine against a real API server (CONTEXT=x: on that cluster; PLUGINS=official: with that plugin; SHARD=1/4: a share)
	@sh launcher/bootstrap.sh e2e
conformance: ## check the kubernetes plugin's rules (PLUGINS=official: the official one's)
	@sh launcher/bootstrap.sh conformance
schema: ## write build/config.schema.json, for editors
	@sh launcher/bootstrap.sh schema
parity: ## what is the same in dev and in prod, and what is not (docs/parity.md)
	@sh launcher/bootstrap.sh parity
policy: ## check what all stacks register against docs/policy.md, without a cluster (STACK=x: that one)
	@sh launcher/bootstrap.sh policy
versions: ## say when Kubernetes versions leave support; fails DAYS=60 ahead
	@sh launcher/bootstrap.sh versions
help: ## list the targets
	@echo "make <target> [STACK=dev|sandbox|...] [PLUGINS=official|standin]"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-15s  %s\n", $$1, $$2 }' Makefile
	@echo "Without STACK: dev where minikube is on PATH, else sandbox."
