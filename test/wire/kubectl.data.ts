/** What kubectl is told to do in the wire tests, in order, and what it has to print. */

import type { Step } from './steps.ts';

const APP = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:IMAGE
          ports: [{containerPort: 80, name: http}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: alb
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {matchLabels: {app: fe}}, policyTypes: [Ingress]}
`;

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
      additionalPrinterColumns: [{name: Schedule, type: string, jsonPath: .spec.cronSpec}]
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [cronSpec]
              properties:
                cronSpec: {type: string}
                replicas: {type: integer, minimum: 0}
            status: {type: object, properties: {replicas: {type: integer}}}
`;

const TAB = `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: nightly, namespace: shop}
spec: {cronSpec: "0 3 * * *", replicas: 1}
`;

const PDB = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 100%, selector: {matchLabels: {app: web}}}
`;

const app = (replicas: number, image: string): string =>
  APP.replace('REPLICAS', String(replicas)).replace('IMAGE', image);

const cm = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\ndata: {a: "${value}"}\n`;

/** Files the steps name. */
export const FILES: Readonly<Record<string, string>> = {
  'app.yaml': app(2, '1.26'),
  'app2.yaml': app(3, '1.27'),
  'crd.yaml': CRD,
  'tab.yaml': TAB,
  'pdb.yaml': PDB,
  'ssa.yaml': cm('e', '1'),
  'ssa2.yaml': cm('e', '2'),
  'typo.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: typo, namespace: shop}\ndatta: {a: "1"}\n',
  'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a: "1"}\n',
};

const ROLLED_OUT = 'kubectl -n shop rollout status deploy/web --timeout=20s';

export const STEPS: readonly Step[] = [
  { run: 'kubectl version', prints: /Server Version: .*v1\.33\./s },
  { run: 'kubectl cluster-info', prints: /is running at/ },
  { run: 'kubectl apply -f app.yaml', prints: /namespace\/shop created.*deployment.apps\/web created/s },
  { run: 'kubectl apply -f app.yaml', prints: /deployment.apps\/web unchanged/ },
  { run: 'kubectl diff -f app2.yaml', prints: /replicas: 3/, status: 1 },
  { run: 'kubectl apply --dry-run=server -f app2.yaml', prints: /deployment.apps\/web configured \(server dry run\)/ },
  { run: "kubectl -n shop get deploy web -o jsonpath='{.spec.replicas}'", prints: /^2$/ },
  { run: 'kubectl apply -f app2.yaml', prints: /deployment.apps\/web configured/ },
  { run: ROLLED_OUT, prints: /successfully rolled out/ },
  { run: "kubectl -n shop get deploy web -o jsonpath='{.spec.replicas}'", prints: /^3$/ },
  { run: 'kubectl -n shop get deploy web -o yaml', prints: /image: nginx:1.27/ },
  { run: 'kubectl -n shop get pods -o wide', prints: /web-\S+ +1\/1 +Running +0 +\S+ +10\.30\.\S+ +ip-10-30/ },
  { run: 'kubectl -n shop get pods --no-headers | wc -l', prints: /^ *3\n/, polls: true },
  { run: 'kubectl get pods -A --show-labels', prints: /NAMESPACE +NAME.*LABELS\n.*k8s-app=aws-node/s },
  { run: 'kubectl get pods -A -o name -l app=web,tier!=be', prints: /^pod\/web-/ },
  { run: "kubectl get pods -A -l 'app in (a,b)'", prints: /No resources found/ },
  { run: 'kubectl get pods -A --field-selector=status.phase=Running,metadata.namespace=shop -o name', prints: /^(pod\/web-\S+\n){3}$/ },
  { run: 'kubectl get pods -A --field-selector=spec.nonsense=1', prints: /field label not supported: spec.nonsense/, status: 1 },
  { run: 'kubectl get deploy -A --field-selector=spec.nonsense=1', prints: /"spec.nonsense" is not a known field selector: only "metadata.name", "metadata.namespace"/, status: 1 },
  { run: 'kubectl get pods -A -l "a=(b"', prints: /unable to parse requirement/, status: 1 },
  { run: 'kubectl -n shop get svc -o wide', prints: /web +ClusterIP +172\.20\.\S+ +<none> +80\/TCP +\S+ +app=web/ },
  { run: 'kubectl -n shop get ing', prints: /web +alb +shop.example.com/ },
  { run: 'kubectl -n shop get netpol', prints: /deny +app=fe/ },
  { run: 'kubectl -n shop get endpointslices', prints: /web-\S+ +IPv4 +80 +10\.30\./ },
  { run: 'kubectl -n shop get endpoints web', prints: /web +10\.30\.\d+\.\d+:80/, polls: true },
  { run: 'kubectl get nodes -o wide', prints: /ip-10-30-\S+ +Ready +<none> +\S+ +v1\.33\.\S+ +10\.30\./ },
  { run: 'kubectl -n shop get all', prints: /pod\/web-.*service\/web.*deployment.apps\/web.*replicaset.apps\/web-/s },
  { run: 'kubectl get pods -A --chunk-size=3 --no-headers | wc -l', prints: /^ *(9|1\d)\n/ },
  { run: 'kubectl -n shop get pod,svc,deploy -o name', prints: /pod\/web.*service\/web.*deployment.apps\/web/s },
  { run: "kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.capacity.cpu", prints: /NAME +CPU\nip-10-30-\S+ +2/ },
  { run: 'kubectl -n shop describe pod -l app=web', prints: /Labels: +app=web.*Scheduled +/s },
  { run: 'kubectl -n shop describe deploy web', prints: /Replicas: +3 desired/ },
  { run: 'kubectl -n shop describe svc web', prints: /Type: +ClusterIP.*Endpoints: +10\.30\./s },
  { run: 'kubectl -n shop describe ing web', prints: /shop.example.com/ },
  { run: 'kubectl -n shop describe netpol deny', prints: /PodSelector: +app=fe/ },
  { run: 'kubectl describe $(kubectl get nodes -o name | head -1)', prints: /Non-terminated Pods/ },
  { run: 'kubectl get events -n shop --field-selector reason=Scheduled', prints: /Successfully assigned shop\/web-/ },
  { run: 'kubectl events -n shop', prints: /Scaled up replica set/, since: 1.26 },
  { run: 'kubectl -n shop scale deploy web --replicas=4', prints: /deployment.apps\/web scaled/ },
  { run: 'kubectl -n shop scale deploy web --replicas=-1', prints: /must be|replicas/, status: 1 },
  { run: ROLLED_OUT, prints: /successfully rolled out/ },
  { run: 'kubectl -n shop set image deploy/web web=nginx:1.28', prints: /deployment.apps\/web image updated/ },
  { run: 'kubectl -n shop set env deploy/web COLOR=blue', prints: /deployment.apps\/web env updated/ },
  { run: ROLLED_OUT, prints: /successfully rolled out/ },
  { run: 'kubectl -n shop rollout history deploy/web', prints: /REVISION/ },
  { run: 'kubectl -n shop rollout undo deploy/web', prints: /deployment.apps\/web rolled back/ },
  { run: 'kubectl -n shop rollout restart deploy/web', prints: /deployment.apps\/web restarted/ },
  { run: ROLLED_OUT, prints: /successfully rolled out/ },
  { run: 'kubectl -n shop wait --for=condition=Available deploy/web --timeout=20s', prints: /condition met/ },
  { run: 'kubectl -n shop label svc web tier=fe', prints: /service\/web labeled/ },
  { run: 'kubectl -n shop annotate svc web a=b --overwrite', prints: /service\/web annotated/ },
  { run: `kubectl -n shop patch svc web --type=strategic -p '{"spec":{"ports":[{"port":443,"name":"https"}]}}'`, prints: /service\/web patched/ },
  { run: "kubectl -n shop get svc web -o jsonpath='{.spec.ports[*].port}'", prints: /^(80 443|443 80)$/ },
  { run: `kubectl -n shop patch svc web --type=json -p '[{"op":"remove","path":"/spec/ports/0"}]'`, prints: /service\/web patched/ },
  { run: `kubectl -n shop patch svc web --type=json -p '[{"op":"test","path":"/spec/type","value":"x"}]'`, prints: /the server rejected our request due to an error in our request|The request is invalid/, status: 1 },
  { run: `kubectl -n shop patch deploy web --type=merge -p '{"metadata":{"labels":{"x":"y"}}}'`, prints: /deployment.apps\/web patched/ },
  { run: `kubectl -n shop patch deploy web --type=merge -p '{"spec":{"replicas":"many"}}'`, prints: /cannot unmarshal string into Go struct field/, status: 1 },
  { run: `kubectl -n shop patch svc web --type=merge -p '{"spec":{"clusterIP":"172.20.0.99"}}'`, prints: /may not change once set/, status: 1 },
  { run: 'kubectl apply -f cm.yaml', prints: /configmap\/c created/ },
  { run: 'kubectl -n shop get cm c -o json | kubectl replace -f -', prints: /configmap\/c replaced/ },
  { run: "kubectl -n shop get cm c -o json | sed 's/\"resourceVersion\": \"[0-9]*\"/\"resourceVersion\": \"1\"/' | kubectl replace -f -", prints: /the object has been modified; please apply your changes to the latest version/, status: 1 },
  { run: 'kubectl apply --server-side --field-manager=m1 -f ssa.yaml', prints: /configmap\/e serverside-applied/ },
  { run: 'kubectl apply --server-side --field-manager=m1 -f ssa.yaml', prints: /configmap\/e serverside-applied/ },
  { run: 'kubectl apply --server-side --field-manager=m2 -f ssa2.yaml', prints: /conflict with "m1": \.data\.a/, status: 1 },
  { run: 'kubectl apply --server-side --field-manager=m2 --force-conflicts -f ssa2.yaml', prints: /configmap\/e serverside-applied/ },
  { run: "kubectl -n shop get cm e -o jsonpath='{.data.a}'", prints: /^2$/ },
  { run: 'kubectl -n shop get cm e -o yaml --show-managed-fields', prints: /manager: m2\n +operation: Apply/, since: 1.21 },
  { run: 'kubectl apply -f typo.yaml', prints: /unknown field "datta"/, status: 1 },
  { run: 'kubectl apply --validate=false -f typo.yaml', prints: /Warning: unknown field "datta"[^]*|configmap\/typo created/ },
  { run: 'kubectl get --raw /metrics', prints: /ekstwin_store_revision \d+/ },
  { run: 'kubectl create -f cm.yaml', prints: /configmaps "c" already exists/, status: 1 },
  { run: 'kubectl -n shop create configmap d --from-literal=k=v', prints: /configmap\/d created/ },
  { run: 'kubectl -n shop create secret generic s --from-literal=k=v', prints: /secret\/s created/ },
  { run: 'kubectl -n shop get secrets --field-selector type=Opaque -o name', prints: /^secret\/s\n/ },
  { run: 'kubectl -n nowhere create configmap d', prints: /namespaces "nowhere" not found/, status: 1 },
  { run: 'kubectl -n shop create deployment d2 --image=nginx', prints: /deployment.apps\/d2 created/ },
  { run: 'kubectl -n shop expose deploy d2 --port=8080', prints: /service\/d2 exposed/ },
  { run: 'kubectl -n shop autoscale deploy d2 --min=1 --max=3 --cpu-percent=80', prints: /horizontalpodautoscaler.autoscaling\/d2 autoscaled/ },
  { run: 'kubectl -n shop get hpa', prints: /d2 +Deployment\/d2 +\S+.*80%/ },
  { run: 'kubectl get --raw /apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/d2', prints: /"targetCPUUtilizationPercentage":80/ },
  { run: 'kubectl -n shop run tmp --image=busybox', prints: /pod\/tmp created/ },
  { run: 'kubectl -n shop delete pod tmp --grace-period=0 --force', prints: /pod "tmp" force deleted/ },
  { run: 'kubectl -n shop get pod tmp', prints: /Error from server \(NotFound\): pods "tmp" not found/, status: 1 },
  { run: 'kubectl auth can-i create pods', prints: /^yes/ },
  { run: 'kubectl auth whoami', prints: /kubernetes-admin/, since: 1.28 },
  { run: 'kubectl -n shop create token default', prints: /^eyJ/, since: 1.24 },
  { run: 'kubectl api-resources --api-group=apps', prints: /deployments +deploy +apps\/v1 +true +Deployment/ },
  { run: 'kubectl api-versions', prints: /autoscaling\/v1\nautoscaling\/v2\n/ },
  { run: 'kubectl explain service.spec', prints: /ports/ },
  { run: 'kubectl apply -f crd.yaml', prints: /crontabs.stable.example.com created/ },
  { run: 'kubectl wait --for=condition=Established crd/crontabs.stable.example.com --timeout=5s', prints: /condition met/ },
  { run: 'kubectl apply -f tab.yaml', prints: /crontab.stable.example.com\/nightly created/ },
  { run: 'kubectl -n shop get ct', prints: /NAME +SCHEDULE\nnightly +0 3 \* \* \*/ },
  { run: 'kubectl -n shop scale ct nightly --replicas=2', prints: /nightly scaled/ },
  { run: "kubectl -n shop get ct nightly -o jsonpath='{.spec.replicas}'", prints: /^2$/ },
  { run: 'kubectl explain crontab.spec', prints: /cronSpec/ },
  { run: 'kubectl apply -f pdb.yaml', prints: /poddisruptionbudget.policy\/web created/ },
  { run: 'kubectl -n shop get pdb', prints: /web +100% +N\/A +0/, polls: true },
  { run: 'N=$(kubectl -n shop get pods -l app=web -o jsonpath="{.items[0].spec.nodeName}"); kubectl drain $N --ignore-daemonsets --delete-emptydir-data --force --timeout=2s', prints: /would violate the pod's disruption budget/, status: 1 },
  { run: 'kubectl get nodes', prints: /Ready,SchedulingDisabled/ },
  { run: 'kubectl uncordon $(kubectl get nodes -o name)', prints: /uncordoned/ },
  { run: 'kubectl taint node $(kubectl get nodes -o name | head -1 | cut -d/ -f2) k=v:PreferNoSchedule', prints: /tainted/ },
  { run: 'kubectl taint node $(kubectl get nodes -o name | head -1 | cut -d/ -f2) k-', prints: /untainted/ },
  { run: '(sleep 1; kubectl -n shop label pod -l app=web seen=yes) >/dev/null & timeout 3 kubectl -n shop get pods -l app=web -w -o name; wait; true', prints: /^(pod\/web-\S+\n){5,}/ },
  { run: 'kubectl get --raw /readyz', prints: /^ok/ },
  { run: 'kubectl get --raw /api/v1/nonsense', prints: /the server could not find the requested resource/, status: 1 },
  { run: 'kubectl -n shop delete deploy,svc -l x=y', prints: /deployment.apps "web" deleted/ },
  { run: 'kubectl -n shop delete cm c d --dry-run=server', prints: /configmap "c" deleted \(server dry run\)/ },
  { run: 'kubectl -n shop get cm c -o name', prints: /^configmap\/c/ },
  { run: 'kubectl delete -f tab.yaml -f crd.yaml', prints: /nightly" deleted.*crontabs.stable.example.com" deleted/s },
  { run: 'kubectl get ct -A', prints: /the server doesn't have a resource type "ct"|Unable to list/, status: 1 },
  { run: 'kubectl delete ns kube-system', prints: /this namespace may not be deleted/, status: 1 },
  { run: 'kubectl delete ns shop --timeout=20s', prints: /namespace "shop" deleted/ },
  { run: 'kubectl -n shop get pods', prints: /No resources found in shop namespace/ },
];
