/** What people do with kubectl all day on a cluster, and what they get wrong. */

import type { Step } from './steps.ts';

const APP = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.26
          ports: [{containerPort: 80, name: http}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
`;

const KINDS = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: work}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:16"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: work}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "busybox:1"}]}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: work}
spec: {limits: [{type: Container, max: {cpu: "2"}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fe-only, namespace: work}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
`;

const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: work
  annotations: {alb.ingress.kubernetes.io/scheme: internet-facing, alb.ingress.kubernetes.io/target-type: ip}
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`;

const bad = (edit: (text: string) => string): string => edit(APP.split('---')[0]!);

/** Files the steps name. */
export const WORK_FILES: Readonly<Record<string, string>> = {
  'kustom/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: work\nresources: [web.yaml]\n',
  'kustom/web.yaml': APP,
  'kinds.yaml': KINDS,
  'ingress.yaml': INGRESS,
  'eniconfig.yaml':
    'apiVersion: crd.k8s.amazonaws.com/v1alpha1\nkind: ENIConfig\nmetadata: {name: us-west-2a}\nspec: {subnet: subnet-0123456789abcdef0, securityGroups: [sg-0123456789abcdef0]}\n',
  'bad-eniconfig.yaml':
    'apiVersion: crd.k8s.amazonaws.com/v1alpha1\nkind: ENIConfig\nmetadata: {name: bad}\nspec: {subnet: [1]}\n',
  'sgp.yaml':
    'apiVersion: vpcresources.k8s.aws/v1beta1\nkind: SecurityGroupPolicy\nmetadata: {name: db, namespace: work}\nspec: {podSelector: {matchLabels: {app: none}}, securityGroups: {groupIds: [sg-0123456789abcdef0]}}\n',
  'bad-kind.yaml': bad((it) => it.replace('kind: Deployment', 'kind: Deploymnt')),
  'bad-version.yaml': bad((it) => it.replace('apps/v1', 'apps/v1beta1')),
  'bad-selector.yaml': bad((it) => it.replace('selector: {matchLabels: {app: web}}', 'selector: {matchLabels: {app: other}}').replace('name: web,', 'name: bad,')),
  'bad-type.yaml': bad((it) => it.replace('replicas: 2', 'replicas: two')),
  'bad-field.yaml': bad((it) => it.replace('replicas: 2', 'replica: 2')),
  'bad-name.yaml': bad((it) => it.replace('name: web,', 'name: Web_1,')),
  'bad-yaml.yaml': 'apiVersion: v1\nkind: Pod\n  metadata: {\n',
  'bad-required.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {containers: [{image: nginx}]}\n',
  'bad-port.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 70000}]}\n',
  'bad-policy.yaml':
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: bad}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}\n',
  'no-kind.yaml': 'apiVersion: v1\nmetadata: {name: x}\n',
};

/** Forwards a port while a curl asks it. */
const FORWARD = `rm -f forwarded; kubectl -n work port-forward svc/web :80 > forwarded & PF=$!
until grep -q Forwarding forwarded; do sleep .1; done
curl -s --noproxy '*' localhost:$(sed -n 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/p' forwarded)/asked; kill $PF`;

const PROXY = `rm -f proxied; kubectl proxy --port=0 > proxied & PF=$!
until grep -q Starting proxied; do sleep .1; done
curl -s --noproxy '*' http://$(sed 's/.* //' proxied)/api/v1/namespaces/work; kill $PF`;

const everyKind: readonly Step[] = [
  { run: 'kubectl describe ns work', prints: /Name: +work[^]*Status: +Active/ },
  { run: 'kubectl -n work describe rs', prints: /Controlled By: +Deployment\/web/ },
  { run: 'kubectl -n work describe sts db', prints: /Replicas: +2 desired \| 2 total/ },
  { run: 'kubectl -n work describe ds agent', prints: /Desired Number of Nodes Scheduled: 2/ },
  { run: 'kubectl -n work describe limitrange limits', prints: /Container +cpu +- +2/ },
  { run: 'kubectl -n work describe netpol fe-only', prints: /To Port: 5432\/TCP[^]*PodSelector: app=web/ },
  { run: 'kubectl -n work describe endpoints web', prints: /Addresses: +10\.30\./ },
  { run: 'kubectl -n work describe endpointslices', prints: /AddressType: +IPv4/, since: 1.21 },
  { run: 'kubectl -n work describe cm settings', prints: /colour:\n----\nblue/ },
  { run: 'kubectl -n work describe secret login', prints: /password: +3 bytes/ },
  { run: 'kubectl -n work describe sa robot', prints: /Name: +robot/ },
  { run: 'kubectl -n work get quota few -o jsonpath={.spec.hard.pods}', prints: /^50$/ },
  { run: 'kubectl -n work describe job once', prints: /Pods Statuses: +0 (Active|Running).*\/ 1 Succeeded/ },
  { run: 'kubectl -n work describe cronjob nightly', prints: /Schedule: +0 3 \* \* \*/ },
  { run: 'kubectl -n work describe pdb web', prints: /Min available: +1/ },
  { run: 'kubectl -n work describe hpa web', prints: /Max replicas: +4/ },
  { run: 'kubectl -n work describe role reader', prints: /pods +\[\] +\[\] +\[get list\]/ },
  { run: 'kubectl -n work describe rolebinding reads', prints: /ServiceAccount +robot +work/ },
  { run: 'kubectl describe clusterrole view', prints: /Name: +view/ },
  { run: 'kubectl describe sc gp2', prints: /Provisioner: +kubernetes.io\/aws-ebs/ },
  { run: 'kubectl describe crd eniconfigs.crd.k8s.amazonaws.com', prints: /Kind: +ENIConfig/ },
  { run: 'kubectl describe eniconfig us-west-2a', prints: /Subnet: +subnet-0123456789abcdef0/ },
  { run: 'kubectl describe ingressclass alb', prints: /Controller: +ingress.k8s.aws\/alb/ },
  { run: 'kubectl -n work describe ingress web', prints: /Address: +k8s-\S+\.elb\.amazonaws\.com/ },
  { run: 'kubectl describe priorityclass system-node-critical', prints: /Value: +2000001000/ },
  { run: 'kubectl -n kube-system describe ds aws-node', prints: /Image: +602401143452\.dkr\.ecr\./ },
  { run: 'kubectl -n kube-system describe cm coredns', prints: /Corefile:\n----\n\.:53 \{/ },
  { run: 'kubectl -n work describe pod nobody', prints: /pods "nobody" not found/, status: 1 },
];

const lookedAt: readonly Step[] = [
  { run: 'kubectl get nodes -L topology.kubernetes.io/zone', prints: /ZONE\nip-.* us-west-2[a-d]\n/ },
  { run: 'kubectl get nodes --sort-by=.metadata.name -o name', prints: /^(node\/ip-10-30-\S+\n){2}$/ },
  { run: "kubectl get nodes -o go-template='{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}'", prints: /^(ip-10-30-\S+\n){2}$/ },
  { run: "kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name}{\"\\t\"}{.status.allocatable.pods}{\"\\n\"}{end}'", prints: /^(ip-\S+\t29\n){2}$/ },
  { run: "kubectl -n work get pods -l app=web -o jsonpath='{.items[?(@.status.phase==\"Running\")].status.podIP}'", prints: /^10\.30\.\S+ 10\.30\.\S+$/ },
  { run: 'kubectl -n work get deploy web -o json | jq -r .status.readyReplicas', prints: /^2\n$/ },
  { run: 'kubectl -n work get pods --sort-by=.status.podIP --no-headers | wc -l', prints: /^ *[5-9]\n/ },
  { run: 'kubectl -n work get events --sort-by=.lastTimestamp', prints: /ScalingReplicaSet/ },
  { run: 'kubectl -n work get ds,sts', prints: /daemonset.apps\/agent +2 +2[^]*statefulset.apps\/db +2\/2/, polls: true },
  { run: 'kubectl -n work get job,cronjob', prints: /job.batch\/once +(Complete +)?1\/1[^]*cronjob.batch\/nightly +0 3 \* \* \*/ },
  { run: 'kubectl -n work get sa,cm,secret', prints: /serviceaccount\/robot[^]*configmap\/settings +1[^]*secret\/login +Opaque +1/ },
  { run: 'kubectl -n work get role,rolebinding', prints: /rbac.authorization.k8s.io\/reader[^]*rolebinding.*\/reads +Role\/reader/ },
  { run: 'kubectl get ingressclass', prints: /alb +ingress.k8s.aws\/alb/ },
  { run: 'kubectl get eniconfigs', prints: /us-west-2a/ },
  { run: 'kubectl -n work get sgp', prints: /NAME +SECURITY-GROUP-IDS\ndb +\["sg-0123456789abcdef0"\]/ },
  { run: 'kubectl get cninodes', prints: /ip-10-30-/ },
  { run: 'kubectl get crd -o name', prints: /targetgroupbindings.elbv2.k8s.aws/ },
  { run: 'kubectl -n work get targetgroupbindings', prints: /k8s-work-web-\S+ +web +80 +ip/, polls: true },
  { run: 'kubectl -n work get ingress web -o wide', prints: /web +alb +\* +k8s-\S+\.us-west-2\.elb\.amazonaws\.com +80/, polls: true },
  { run: 'kubectl get leases -n kube-node-lease', prints: /ip-10-30-/ },
  { run: 'kubectl get pv,pvc -A', prints: /No resources found/ },
  { run: 'kubectl get endpoints kubernetes', prints: /kubernetes +10\.30\.\S+:443/ },
  { run: 'kubectl get ns work -o yaml', prints: /kubernetes.io\/metadata.name: work/ },
  { run: 'kubectl -n work get pods --watch-only --request-timeout=1s', prints: /^$|NAME/ },
  { run: 'timeout 2 kubectl -n work get deploy -w', prints: /web +2\/2/, status: 124 },
  { run: 'kubectl -n work get pods nobody', prints: /Error from server \(NotFound\): pods "nobody" not found/, status: 1 },
  { run: 'kubectl -n work get pods nobody --ignore-not-found', prints: /^$/ },
  { run: 'kubectl get unicorns', prints: /error: the server doesn't have a resource type "unicorns"/, status: 1 },
  { run: 'kubectl get pods -o yoml', prints: /unable to match a printer suitable for the output format "yoml"/, status: 1 },
  { run: "kubectl get pods -o jsonpath='{.items[0'", prints: /error parsing jsonpath|unterminated array/, status: 1 },
  { run: 'kubectl api-resources --namespaced=false -o name', prints: /^nodes$/m },
  { run: 'kubectl api-resources --verbs=watch,list --api-group=networking.k8s.io', prints: /networkpolicies +netpol +networking.k8s.io\/v1 +true +NetworkPolicy/ },
  { run: 'kubectl explain deployment.spec.strategy --recursive', prints: /maxSurge/ },
  { run: 'kubectl explain sgp.spec', prints: /securityGroups/ },
  { run: 'kubectl explain pod.spec.nonsense', prints: /field "nonsense" does not exist/, status: 1 },
  { run: 'kubectl cluster-info', prints: /CoreDNS.* is running at/ },
  { run: 'kubectl config current-context', prints: /^ekstwin$/m },
  { run: 'kubectl auth can-i delete nodes', prints: /^(Warning: resource 'nodes' is not namespace scoped\n+)?yes|yes/ },
  { run: 'kubectl auth can-i --list', prints: /\*\.\* +\[\] +\[\] +\[\*\]/ },
  { run: 'kubectl top pods', prints: /Metrics API not available/, status: 1 },
  { run: 'kubectl top nodes', prints: /Metrics API not available/, status: 1 },
  { run: 'kubectl get --raw /api/v1/namespaces/work/services/web | jq -r .spec.type', prints: /^ClusterIP/ },
  { run: "kubectl get --raw '/healthz?verbose'", prints: /^ok|healthz check passed/m },
  { run: PROXY, prints: /"name": ?"work"/ },
];

const inPods: readonly Step[] = [
  { run: "kubectl -n work exec deploy/web -- curl -s -o /dev/null -w '%{http_code}' http://web", prints: /^200/ },
  { run: 'kubectl -n work exec deploy/web -- curl -s http://nosuch', prints: /command terminated with exit code 6/, status: 6 },
  { run: 'kubectl -n work exec deploy/web -- curl -sS http://web:81 -m 3', prints: /exit code (28|7)/, status: 28 },
  { run: 'kubectl -n work exec deploy/web -- curl -sS http://localhost:81', prints: /Failed to connect to localhost port 81/, status: 7 },
  { run: "kubectl -n work exec deploy/web -- sh -c 'exit 9'", prints: /command terminated with exit code 9/, status: 9 },
  { run: "kubectl -n work exec deploy/web -- sh -c 'getent hosts web | wc -l'", prints: /^1\n/ },
  { run: 'kubectl -n work exec deploy/web -- nslookup web', prints: /Name:\tweb.work.svc.cluster.local/ },
  { run: 'kubectl -n work exec deploy/web -- cat /etc/resolv.conf', prints: /search work.svc.cluster.local svc.cluster.local/ },
  { run: 'kubectl -n work exec deploy/web -- env', prints: /WEB_SERVICE_HOST=172\.20\./ },
  { run: 'kubectl -n work exec db-0 -- hostname -f', prints: /^db-0\.db\.work\.svc\.cluster\.local/ },
  { run: 'echo typed | kubectl -n work exec -i deploy/web -- cat', prints: /^typed\n$/ },
  { run: 'kubectl -n work exec deploy/web -c nobody -- ls', prints: /container nobody (is not valid for pod|not found in pod) web-/, status: 1 },
  { run: 'kubectl -n work exec nobody -- ls', prints: /pods "nobody" not found/, status: 1 },
  { run: 'kubectl -n work logs deploy/web', prints: /container web started/ },
  { run: 'kubectl -n work logs -l app=web --prefix', prints: /^\[pod\/web-\S+\/web\] /, since: 1.18 },
  { run: 'kubectl -n work logs web-nobody', prints: /pods "web-nobody" not found/, status: 1 },
  { run: 'kubectl -n work logs db-0 --previous', prints: /previous terminated container "db" in pod "db-0" not found/, status: 1 },
  { run: 'kubectl -n kube-system logs ds/aws-node -c aws-node --tail=3', prints: /\S/ },
  { run: 'kubectl -n kube-system logs -l k8s-app=kube-dns --tail=1 --since=1h --timestamps', prints: /^\d{4}-\d\d-\d\dT/ },
  { run: 'timeout 2 kubectl -n work logs -f db-0', prints: /container db started/, status: 124 },
  { run: 'timeout 2 kubectl -n work attach db-0', prints: /press|prompt|^$/, status: 124 },
  { run: 'kubectl -n work run hi --image=busybox --restart=Never -i --rm --quiet -- sh -c "sleep 1; echo hello"', prints: /hello/ },
  { run: FORWARD, prints: /"path": "\/asked"/ },
  { run: 'kubectl -n work cp db-0:/etc/hosts hosts && cat hosts', prints: /Kubernetes-managed hosts file/ },
  { run: 'mkdir -p site && echo hello > site/index.html && kubectl -n work cp site db-0:/tmp/site && kubectl -n work exec db-0 -- cat /tmp/site/index.html', prints: /hello\n$/ },
  { run: 'kubectl -n work cp db-0:/tmp/site back && cat back/index.html', prints: /hello\n$/ },
  { run: 'kubectl -n work cp db-0:/nowhere nowhere', prints: /tar: \/nowhere: Cannot stat: No such file or directory/, since: 1.24 },
  { run: 'kubectl debug -i node/$NODE --image=busybox -- ip route', prints: /default via 10\.30\./ },
];

/** What containers run themselves, and those that are put into a pod to look around. */
const ran: readonly Step[] = [
  { run: 'kubectl -n work run once --image=busybox --restart=Never -- wget -qO- http://web', prints: /pod\/once created/ },
  { run: 'kubectl -n work get pod once', prints: /once\s+0\/1\s+Completed/, polls: true },
  { run: 'kubectl -n work logs once', prints: /"namespace": "work"/ },
  { run: "kubectl -n work run fails --image=busybox --restart=Never -- sh -c 'printf half; exit 4'", prints: /created/ },
  { run: "kubectl -n work get pod fails -o jsonpath='{.status.phase} {.status.containerStatuses[0].state.terminated.exitCode}'", prints: /^Failed 4$/, polls: true },
  { run: 'kubectl -n work logs fails', prints: /^half$/ },
  { run: 'kubectl -n work run odd --image=python:3 --restart=Never -- python -m http.server', prints: /created/ },
  { run: 'kubectl -n work logs odd', prints: /container odd started; its command is not run, as the built-in shell has no "python"/, polls: true },
  { run: `kubectl -n work run waits --image=nginx --overrides='{"spec":{"initContainers":[{"name":"db","image":"busybox","command":["sh","-c","until nslookup -type=a late.work.svc.cluster.local; do sleep 1; done"]}]}}'`, prints: /created/ },
  { run: 'kubectl -n work get pod waits', prints: /Init:0\/1/, polls: true },
  { run: 'kubectl -n work create service clusterip late --tcp=80', prints: /service\/late created/ },
  { run: 'kubectl -n work get pod waits', prints: /1\/1\s+Running/, polls: true },
  { run: 'kubectl -n work logs waits -c db', prints: /server can't find late.work.svc.cluster.local: NXDOMAIN[^]*Name:\tlate.work/ },
  { run: 'kubectl -n work create job asks --image=busybox -- nslookup web.work.svc.cluster.local', prints: /job.batch\/asks created/, since: 1.14 },
  { run: 'kubectl -n work wait --for=condition=complete job/asks --timeout=30s', prints: /condition met/ },
  { run: 'kubectl -n work logs job/asks', prints: /web.work.svc.cluster.local/ },
  { run: 'kubectl -n work debug db-0 --image=busybox -c look -- wget -qO- http://web', older: { prints: /ephemeral containers|EphemeralContainers/, status: 1 }, since: 1.24 },
  { run: 'kubectl -n work logs db-0 -c look', prints: /"client": "10\.30\./, polls: true, since: 1.24 },
  { run: 'kubectl -n work debug -i db-0 --image=nicolaka/netshoot --target=db -- curl -s http://web', prints: /"path": "\/"/, since: 1.24 },
  { run: 'kubectl -n work debug db-0 --image=busybox --target=nobody', prints: /targetContainerName: Not found: "nobody"/, status: 1, since: 1.24 },
  { run: 'kubectl -n work debug db-0 --image=busybox -c stays -- sleep 3600', since: 1.24 },
  { run: 'kubectl -n work exec db-0 -c stays -- hostname', prints: /^db-0\n/, polls: true, since: 1.24 },
  { run: 'kubectl -n work describe pod db-0', prints: /Ephemeral Containers:\s+look:[^]*State:\s+Terminated\s+Reason:\s+Completed\s+Exit Code:\s+0[^]*stays:[^]*State:\s+Running/, since: 1.24 },
  { run: 'kubectl -n work debug db-0 --copy-to=copy --image=busybox -c x -- nslookup web', since: 1.24 },
  { run: 'kubectl -n work logs copy -c x', prints: /web.work.svc/, polls: true, since: 1.24 },
  { run: 'kubectl debug node/$NODE --image=busybox -- ip route', prints: /node-debugger-\S+/ },
  { run: 'kubectl logs $(kubectl get pods -o name | grep node-debugger | tail -1)', prints: /default via 10\.30\./, polls: true },
  { run: 'kubectl -n work delete pod once fails odd waits --wait=false', prints: /deleted/ },
  { run: 'kubectl -n work delete job asks', prints: /deleted/ },
];

const changed: readonly Step[] = [
  { run: 'kubectl -n work set image deploy/web web=nginx:1.27', prints: /deployment.apps\/web image updated/ },
  { run: 'kubectl -n work rollout status deploy/web --timeout=30s', prints: /successfully rolled out/ },
  { run: 'kubectl -n work rollout history deploy/web --revision=2', prints: /nginx:1.27/ },
  { run: 'kubectl -n work rollout undo deploy/web --to-revision=1', prints: /rolled back/ },
  { run: 'kubectl -n work rollout undo deploy/web --to-revision=9', prints: /unable to find specified revision 9 in history/, status: 1 },
  { run: 'kubectl -n work rollout pause deploy/web', prints: /deployment.apps\/web paused/ },
  { run: 'kubectl -n work rollout restart deploy/web', prints: /can't restart paused deployment/, status: 1 },
  { run: 'kubectl -n work rollout resume deploy/web', prints: /deployment.apps\/web resumed/ },
  { run: 'kubectl -n work rollout status sts/db --timeout=30s', prints: /partitioned roll out complete: 2 new pods have been updated/ },
  { run: 'kubectl -n work scale deploy web --current-replicas=9 --replicas=3', prints: /Expected replicas to be 9, was 2/, status: 1 },
  { run: 'kubectl -n work scale sts/db --replicas=1', prints: /statefulset.apps\/db scaled/ },
  { run: 'kubectl -n work get pods -l app=db --no-headers | wc -l', prints: /^ *1\n/, polls: true },
  { run: 'kubectl -n work set resources deploy web --limits=cpu=500m', prints: /resource requirements updated/ },
  { run: 'kubectl -n work set serviceaccount deploy web robot', prints: /serviceaccount updated/ },
  { run: "kubectl -n work set selector svc web 'app=web,tier=fe'", prints: /service\/web selector updated/ },
  { run: 'kubectl -n work get endpoints web', prints: /web +<none>/, polls: true },
  { run: 'kubectl -n work set selector svc web app=web', prints: /selector updated/ },
  { run: "KUBE_EDITOR='sed -i s/blue/green/' kubectl -n work edit cm settings", prints: /configmap\/settings edited/ },
  { run: "kubectl -n work get cm settings -o jsonpath='{.data.colour}'", prints: /^green$/ },
  { run: 'KUBE_EDITOR=true kubectl -n work edit cm settings', prints: /Edit cancelled, no changes made/ },
  { run: "KUBE_EDITOR='sed -i s/replicas:.*/replicas:\\ many/' kubectl -n work edit deploy web", prints: /Edit cancelled, no valid changes were saved|cannot unmarshal|is invalid/, status: 1 },
  { run: 'kubectl -n work label svc web tier=fe', prints: /service\/web labeled/ },
  { run: 'kubectl -n work label svc web tier=be', prints: /'tier' already has a value \(fe\), and --overwrite is false/, status: 1 },
  { run: 'kubectl -n work label svc web tier-', prints: /service\/web (un)?labeled/ },
  { run: "kubectl -n work label svc web 'tier=not valid'", prints: /a valid label must be an empty string or consist of alphanumeric/, status: 1 },
  { run: 'kubectl annotate node $NODE note=seen --overwrite', prints: /node\/ip-\S+ annotated/ },
  { run: `kubectl -n work patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'`, prints: /patched/, since: 1.24 },
  { run: `kubectl -n work patch deploy web -p '{"spec":{"replicas":2}}'`, prints: /deployment.apps\/web patched/ },
  { run: `kubectl -n work patch deploy web -p '{"spec":'`, prints: /unable to parse|unexpected end of JSON input|yaml/, status: 1 },
  { run: 'kubectl -n kube-system set env daemonset aws-node ENABLE_PREFIX_DELEGATION=true', prints: /daemonset.apps\/aws-node env updated/ },
  { run: 'kubectl -n kube-system rollout status ds/aws-node --timeout=60s', prints: /successfully rolled out/ },
  { run: 'kubectl -n kube-system set env daemonset/aws-node --list', prints: /ENABLE_PREFIX_DELEGATION=true/ },
  { run: 'kubectl set env daemonset aws-node -n kube-system ENABLE_PREFIX_DELEGATION-', prints: /env updated/ },
  { run: 'kubectl -n work replace --force -f sgp.yaml', prints: /"db" deleted[^]*securitygrouppolicy.*\/db replaced/ },
  { run: 'kubectl cordon $NODE', prints: /node\/ip-\S+ cordoned/ },
  { run: 'kubectl drain $NODE --ignore-daemonsets --delete-emptydir-data --force --timeout=40s', prints: /node\/ip-\S+ (drained|evicted)/ },
  { run: 'kubectl get pods -A --field-selector spec.nodeName=$NODE --no-headers | grep -vcE "aws-node|kube-proxy|agent"', prints: /^0\n/, status: 1, polls: true },
  { run: 'kubectl get node $NODE', prints: /Ready,SchedulingDisabled/ },
  { run: 'kubectl uncordon $NODE', prints: /node\/ip-\S+ uncordoned/ },
  { run: 'kubectl taint nodes $NODE dedicated=db:NoSchedule', prints: /node\/ip-\S+ tainted/ },
  { run: 'kubectl describe node $NODE', prints: /Taints: +dedicated=db:NoSchedule/ },
  { run: 'kubectl taint nodes $NODE dedicated=db:Sometimes', prints: /invalid taint effect: Sometimes/, status: 1 },
  { run: 'kubectl taint nodes $NODE dedicated-', prints: /node\/ip-\S+ untainted/ },
  { run: 'kubectl -n work wait pod -l app=web --for=condition=Ready --timeout=30s', prints: /(pod\/web-\S+ condition met\n){2}/ },
  { run: "kubectl -n work wait deploy web --for=jsonpath='{.status.readyReplicas}'=2 --timeout=30s", prints: /condition met/, since: 1.23 },
  { run: 'kubectl -n work wait pod -l app=web --for=condition=Sleepy --timeout=1s', prints: /timed out waiting for the condition/, status: 1 },
];

const wrong: readonly Step[] = [
  { run: 'kubectl -n work apply -f bad-kind.yaml', prints: /no matches for kind "Deploymnt" in version "apps\/v1"/, status: 1 },
  { run: 'kubectl -n work apply -f bad-version.yaml', prints: /no matches for kind "Deployment" in version "apps\/v1beta1"/, status: 1 },
  { run: 'kubectl -n work apply -f bad-selector.yaml', prints: /The Deployment "bad" is invalid: spec.template.metadata.labels: Invalid value: .*`selector` does not match template `labels`/, status: 1 },
  { run: 'kubectl -n work apply -f bad-type.yaml', prints: /cannot unmarshal string into Go struct field|invalid type for io.k8s.api.apps.v1.DeploymentSpec.replicas: got "string", expected "integer"/, status: 1 },
  { run: 'kubectl -n work apply -f bad-field.yaml', prints: /unknown field "(spec\.)?replica"/, status: 1 },
  { run: 'kubectl -n work apply -f bad-name.yaml', prints: /metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of/, status: 1 },
  { run: 'kubectl -n work apply -f bad-yaml.yaml', prints: /error parsing bad-yaml.yaml: error converting YAML to JSON/, status: 1 },
  { run: 'kubectl -n work apply -f no-kind.yaml', prints: /Object 'Kind' is missing|kind not set/, status: 1 },
  { run: 'kubectl -n work apply -f bad-required.yaml', prints: /spec.containers\[0\].name: Required value|missing required field "name"/, status: 1 },
  { run: 'kubectl -n work apply -f bad-port.yaml', prints: /spec.ports\[0\].port: Invalid value: 70000: must be between 1 and 65535, inclusive/, status: 1 },
  { run: 'kubectl -n work apply -f bad-policy.yaml', prints: /spec.ingress\[0\].from\[0\].ipBlock.cidr: Invalid value: "10.0.0.0\/33"/, status: 1 },
  { run: 'kubectl apply -f bad-eniconfig.yaml', prints: /The ENIConfig "bad" is invalid: spec.subnet: Invalid value: "array": spec.subnet in body must be of type string: "array"/, status: 1 },
  { run: 'kubectl apply -f nowhere.yaml', prints: /the path "nowhere.yaml" does not exist/, status: 1 },
  { run: 'kubectl -n nowhere apply -f kustom/web.yaml', prints: /namespaces "nowhere" not found/, status: 1 },
  { run: 'kubectl -n work create -f kustom/web.yaml', prints: /deployments.apps "web" already exists/, status: 1 },
  { run: 'kubectl --token=wrong get pods', prints: /You must be logged in to the server|Unauthorized/, status: 1 },
  { run: 'kubectl -n work run bad --image=Nginx:UPPER', prints: /Invalid image name/, status: 1 },
  { run: 'kubectl -n work expose deploy nobody --port=80', prints: /deployments.apps "nobody" not found/, status: 1 },
];

const removed: readonly Step[] = [
  { run: 'kubectl -n work delete pod -l app=agent --wait=false', prints: /(pod "agent-\S+" deleted.*\n){2}/ },
  { run: 'kubectl -n work rollout status ds/agent --timeout=30s', prints: /successfully rolled out/ },
  { run: 'kubectl -n work delete deploy web --cascade=orphan', prints: /deployment.apps "web" deleted/ },
  { run: 'kubectl -n work get rs -l app=web -o name', prints: /^replicaset.apps\/web-/ },
  { run: 'kubectl -n work delete rs -l app=web --cascade=foreground --timeout=30s', prints: /replicaset.apps "web-\S+" deleted/ },
  { run: 'kubectl -n work get pods -l app=web --no-headers', prints: /No resources found/, polls: true },
  { run: 'kubectl -n work delete pod nobody', prints: /pods "nobody" not found/, status: 1 },
  { run: 'kubectl -n work delete pod nobody --ignore-not-found', prints: /^$/ },
  { run: 'kubectl -n work delete jobs,cronjobs --all', prints: /job.batch "once" deleted[^]*cronjob.batch "nightly" deleted/ },
  { run: 'kubectl -n work delete -f ingress.yaml --timeout=50s', prints: /ingress.networking.k8s.io "web" deleted/ },
  { run: 'kubectl delete eniconfig us-west-2a', prints: /"us-west-2a" deleted/ },
  { run: 'kubectl -n work wait --for=delete pod -l app=web --timeout=20s', prints: /no matching resources found|condition met|^$/, since: 1.24 },
  { run: 'kubectl delete ns work --timeout=50s', prints: /namespace "work" deleted/ },
  { run: 'kubectl get ns work', prints: /namespaces "work" not found/, status: 1 },
];

/** In a namespace of their own, from nothing to nothing. */
export const WORK_STEPS: readonly Step[] = [
  { run: 'kubectl create namespace work', prints: /namespace\/work created/ },
  { run: "kubectl get nodes -o jsonpath='{.items[0].metadata.name}'", prints: /^ip-10-30-/, keep: 'NODE' },
  { run: 'kubectl diff -k kustom', prints: /\+ +- image: nginx:1.26/, status: 1 },
  { run: 'kubectl apply -k kustom', prints: /service\/web created[^]*deployment.apps\/web created/ },
  { run: 'kubectl kustomize kustom', prints: /namespace: work/ },
  { run: 'kubectl apply -f kinds.yaml -f ingress.yaml', prints: /statefulset.apps\/db created[^]*networkpolicy.networking.k8s.io\/fe-only created[^]*ingress.networking.k8s.io\/web created/ },
  { run: 'kubectl apply -f eniconfig.yaml -f sgp.yaml', prints: /eniconfig.crd.k8s.amazonaws.com\/us-west-2a created\nsecuritygrouppolicy.vpcresources.k8s.aws\/db created/ },
  { run: 'kubectl -n work create configmap settings --from-literal=colour=blue', prints: /configmap\/settings created/ },
  { run: 'kubectl -n work create secret generic login --from-literal=password=abc', prints: /secret\/login created/ },
  { run: 'kubectl -n work create serviceaccount robot', prints: /serviceaccount\/robot created/ },
  { run: 'kubectl -n work create role reader --verb=get,list --resource=pods', prints: /role.rbac.authorization.k8s.io\/reader created/ },
  { run: 'kubectl -n work create rolebinding reads --role=reader --serviceaccount=work:robot', prints: /rolebinding.rbac.authorization.k8s.io\/reads created/ },
  { run: 'kubectl -n work create quota few --hard=pods=50', prints: /quota\/few created\nWarning: ekstwin: a ResourceQuota is kept and not enforced/ },
  { run: 'kubectl -n work create pdb web --selector=app=web --min-available=1', prints: /poddisruptionbudget.policy\/web created/ },
  { run: 'kubectl -n work autoscale deploy web --max=4 --cpu-percent=80', prints: /autoscaled/ },
  { run: 'kubectl -n work create job once --image=busybox -- true', prints: /job.batch\/once created/ },
  { run: 'kubectl -n work wait --for=condition=complete job/once --timeout=30s', prints: /job.batch\/once condition met/ },
  { run: "kubectl -n work create cronjob nightly --image=busybox --schedule='0 3 * * *' -- date", prints: /cronjob.batch\/nightly created/ },
  { run: 'kubectl -n work create job now --from=cronjob/nightly', prints: /job.batch\/now created/, since: 1.21 },
  { run: 'kubectl -n work create service nodeport np --tcp=80', prints: /service\/np created/ },
  { run: "kubectl -n work create ingress other --class=alb --rule='a.example.com/*=web:80' --dry-run=client -o yaml", prints: /ingressClassName: alb/ },
  { run: 'kubectl -n work create deployment dry --image=nginx --dry-run=server -o name', prints: /^deployment.apps\/dry/ },
  { run: 'kubectl -n work get deploy dry', prints: /"dry" not found/, status: 1 },
  { run: 'kubectl -n work rollout status deploy/web --timeout=30s', prints: /successfully rolled out/ },
  { run: 'kubectl -n work get ingress web', prints: /elb\.amazonaws\.com/, polls: true },
  ...everyKind,
  ...lookedAt,
  ...inPods,
  ...ran,
  ...changed,
  ...wrong,
  ...removed,
];
