/**
 * datapath/walk/parts — what a walk is made of, as it sees them: Linux hosts, the VPC, policy
 * enforcement. Each remembers its side of the session, so that a reply meets what the first
 * packet left: conntrack entries, security group state, NAT translations.
 */

import type { TwinStore } from '../../model/kinds.ts';
import type { Link, NamespaceId, Namespaces } from '../../model/linux/namespace.ts';
import type { Packet } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
