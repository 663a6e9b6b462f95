/**
 * analysis/load-balancer/explain/known-failures.data — what controllers and AWS say when they refuse,
 * what it means, and what mends it: of what only a cluster can tell. What files alone tell is lint's.
 *
 * Sources of the texts: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/networking,
 * pkg/certs, pkg/ingress, pkg/service; Elastic Load Balancing's and EC2's error codes.
 */

/** A pattern of the text, what it means, what to do; `$1` is the pattern's first group. */
export const KNOWN_FAILURES: readonly (readonly [RegExp, string, string])[] = [
  [
    /no certificate found for host: (\S+)/,
    'no issued certificate of ACM in this region is for $1, and none is named',
    'aws acm request-certificate --domain-name $1 --validation-method DNS; or name one with alb.ingress.kubernetes.io/certificate-arn',
  ],
  [
    /unable to resolve at least one subnet/,
    'no subnet can take the load balancer: the table says why of each',
    'aws ec2 create-tags --resources SUBNET-ID --tags Key=kubernetes.io/role/elb,Value=1 (internal-elb for scheme internal), two zones at least; or name them with the subnets annotation',
  ],
  [
    /subnets count less than minimal required count: (\d+) < (\d+)/,
    'an ALB stands in $2 availability zones at least, and subnets of $1 can be chosen',
    'tag, or name, a subnet of another zone with 8 free addresses',
  ],
  [
    /multiple subnets in same Availability Zone (\S+)/,
    'a load balancer has one subnet a zone, and several of $1 are named',
    'leave one of each zone in the subnets annotation',
  ],
  [
    /expected exactly one securityGroup tagged with (\S+) for eni (eni-[0-9a-f]+)/,
    'the controller writes its rules into the one security group of $2 that carries $1',
    'aws ec2 create-tags or delete-tags --resources SG-ID --tags Key=$1: exactly one of its groups keeps the tag',
  ],
  [
    /cannot resolve pod ENI for pods?:? (.*)/,
    'no interface of the VPC has the address of $1: targets of type ip need the VPC CNI',
    'use target-type: instance, or pods with addresses of the VPC',
  ],
  [
    /deletion_protection is enabled/,
    'a load balancer with deletion protection is kept, and so is its object',
    'take deletion_protection.enabled=true out of load-balancer-attributes, then delete the object',
  ],
  [
    /TooMany(\w+)/,
    'a quota of Elastic Load Balancing is full: TooMany$1',
    'spread the group over more load balancers (group.name), or have the quota raised (aws service-quotas list-service-quotas --service-code elasticloadbalancing)',
  ],
  [
    /RulesPerSecurityGroupLimitExceeded/,
    'a security group would get more rules than it may have (60 in each direction)',
    'name fewer blocks in inbound-cidrs, or a prefix list in security-group-prefix-lists',
  ],
  [
    /couldn't find all subnets, want: (\[[^\]]*\])/,
    'the subnets annotation names what is not in the VPC: $1',
    'aws ec2 describe-subnets lists ids and Name tags',
  ],
  [
    /couldn't find all security ?[gG]roups/,
    'the security-groups annotation names what is not in the VPC',
    'aws ec2 describe-security-groups lists ids and Name tags',
  ],
  [
    /failed calling webhook/,
    'the API server did not get through to the pod that answers the webhook',
    'ekstwin trace apiserver svc/kube-system/aws-load-balancer-webhook-service',
  ],
  [
    /could not find any suitable subnets for creating the ELB/,
    'the in-tree controller found no subnet of the cluster, by tag or by route',
    'aws ec2 create-tags --resources SUBNET-ID --tags Key=kubernetes.io/role/elb,Value=1',
  ],
  [
    /There are no available nodes for LoadBalancer/,
    'no node was Ready when it was looked at; nodes that come are added',
    'ekstwin get nodes shows what there is now',
  ],
];
