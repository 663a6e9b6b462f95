/**
 * The text of formats/linux put to the real tools: what iptables-restore and ip take and print back
 * must be the same text. Needs Debian's iptables and iproute2 and the right to make namespaces;
 * skips without them.
 */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ipNeighText } from '../src/formats/linux/ip-neigh.ts';
import { ipRouteText } from '../src/formats/linux/ip-route.ts';
import { ipRuleText } from '../src/formats/linux/ip-rule.ts';
import { iptablesSave, parseIptablesSave } from '../src/formats/linux/iptables-save.ts';
import {
  anyIpRules,
  anyRoutes,
  anyTables,
  namespace,
} from '../src/formats/linux/linux-text.fixture.ts';
import { tableName } from '../src/model/linux/ip-text.ts';

const NAME = 'ekstwin-text';
/** Debian's packages, not ours: named apart so that knip does not look for them. */
const IP: string = 'ip';
const IPTABLES_SAVE: string = 'iptables-save';

const run = (command: string, input = ''): string =>
  execFileSync(IP, ['netns', 'exec', NAME, ...command.split(' ')], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });

/** Why the real tools cannot be asked here; '' where they can. */
function obstacle(): string {
  try {
    execFileSync(IPTABLES_SAVE, ['--version'], { stdio: 'ignore' });
    execFileSync(IP, ['netns', 'add', NAME], { stdio: 'pipe' });
    execFileSync(IP, ['netns', 'exec', NAME, 'iptables-save'], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return `no iptables, iproute2 or right to make a network namespace here: ${error}`;
  } finally {
    try {
      execFileSync(IP, ['netns', 'del', NAME], { stdio: 'ignore' });
    } catch {
      // It was never made.
    }
  }
}

const WHY_NOT = obstacle();
if (WHY_NOT !== '') console.warn(`skipped: ${WHY_NOT}`);

/** Without dates, counters and the tool's trailing spaces; user chains in the tool's order. */
const bare = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');

describe.skipIf(WHY_NOT !== '')('the real tools', () => {
  beforeAll(() => {
    execFileSync(IP, ['netns', 'add', NAME]);
    run('ip link add eth0 type veth peer name far0');
    run('ip link set far0 up');
    run('ip link set lo up');
    run('ip addr add 10.0.3.10/24 dev eth0');
    run('ip link set eth0 up');
  });
  afterAll(() => {
    execFileSync(IP, ['netns', 'del', NAME]);
  });

  test('iptables-restore takes what is printed, and iptables-save prints it again', () => {
    fc.assert(
      fc.property(anyTables, (tables) => {
        const text = iptablesSave(tables, 4);
        run('iptables-restore', text);
        const printed = iptablesSave(parseIptablesSave(run('iptables-save'), 'saved', 4), 4);
        // The tool adds the built-in chains that the text left out.
        const ours = bare(text)
          .split('\n')
          .filter((line) => line.startsWith('-A'));
        const theirs = bare(run('iptables-save'))
          .split('\n')
          .filter((line) => line.startsWith('-A'));
        expect(theirs).toEqual(ours);
        expect(
          bare(printed)
            .split('\n')
            .filter((line) => line.startsWith('-A')),
        ).toEqual(ours);
      }),
      { numRuns: 30 },
    );
  });

  test('ip rule prints what ip rule was given', () => {
    fc.assert(
      fc.property(anyIpRules, (rules) => {
        run('ip rule flush');
        for (const line of ipRuleText(namespace({ rules })).split('\n').filter(Boolean)) {
          const [priority, action] = line.split(':\t');
          run(`ip rule add ${action!.replace(/^from all (?!lookup)/, '')} prio ${priority}`);
        }
        const printed = bare(run('ip rule').replaceAll(' [detached]', ''));
        // The kernel's own rule of priority 0 stays when rules are flushed.
        expect(printed.replace('0:\tfrom all lookup local\n', '').replace(/^0:.*$/, '')).toBe(
          bare(ipRuleText(namespace({ rules }))),
        );
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test('ip route prints each table as it is printed here', () => {
    run('ip rule flush');
    run('ip rule add lookup main prio 32766');
    fc.assert(
      fc.property(anyRoutes, (routes) => {
        for (const table of [2, 101, 254]) {
          // A table that nothing is in does not exist: one route makes it.
          run(`ip route replace 10.0.3.0/24 dev eth0 table ${tableName(table)}`);
          run(`ip route flush table ${tableName(table)}`);
        }
        run('ip route add 10.0.3.0/24 dev eth0');
        for (const line of ipRouteText(namespace({ routes }), 'all').split('\n').filter(Boolean)) {
          run(`ip route replace ${line}`);
        }
        for (const table of [2, 101]) {
          expect(bare(run(`ip route show table ${table}`))).toBe(
            bare(ipRouteText(namespace({ routes }), table)),
          );
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test('ip neigh prints a permanent entry as it is printed here', () => {
    run('ip neigh add 169.254.1.1 lladdr 02:00:00:00:00:07 dev eth0 nud permanent');
    const neighbours = [
      {
        address: '169.254.1.1',
        device: 'eth0',
        macAddress: '02:00:00:00:00:07',
        state: 'PERMANENT' as const,
      },
    ];
    expect(bare(run('ip neigh show'))).toBe(bare(ipNeighText(namespace({ neighbours }))));
  });
});
