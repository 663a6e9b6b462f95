/**
 * twin/cluster-run — the controllers of one cluster, started and wired: who watches what, whose
 * EC2 calls are whose, which plugin sits on which node.
 */
import { garbageCollector } from '../cluster/garbage-collector.ts';
import { namespaceLifecycle } from '../cluster/namespace-lifecycle.ts';
import type { Kinds } from '../model/kinds.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { type Controller, ControllerRun } from '../sim/controller.ts';
import { eventFaults, type Faults } from '../sim/faults.ts';
import type { CallLog } from './call-log.ts';
import { controllersOf } from './controllers.ts';
import { Ec2Access } from './ec2-access.ts';
import { NodePlugins } from './node-plugins.ts';
import type { Twin } from './twin.ts';
