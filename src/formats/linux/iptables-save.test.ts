import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { iptablesSave, parseIptablesSave } from './iptables-save.ts';
import { anyTables, plainTables } from './linux-text.fixture.ts';

const ROUND = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:AWS-SNAT-CHAIN-0 - [0:0]
:KUBE-SEP-X - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.0.3.10 --random-fully
-A KUBE-SEP-X -p tcp -m comment --comment single -m recent --set --name KUBE-SEP-X --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.0.0.1:8080
-A KUBE-SERVICES ! -s 10.0.0.0/8 -d 172.20.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-X
COMMIT
`;

const mistakeIn = (text: string): string => {
  try {
    parseIptablesSave(text, 'rules', 4);
  } catch (error) {
    if (error instanceof InputError) return `${error.where} ${error.problem}`;
    throw error;
  }
  return 'none';
};

describe('iptables-save', () => {
  test('what a node of EKS prints comes out as it went in', () => {
    expect(iptablesSave(parseIptablesSave(ROUND, 'rules', 4), 4)).toBe(ROUND);
  });

  test('any tables that are printed and read are the same tables', () => {
    fc.assert(
      fc.property(anyTables, (tables) => {
        const read = parseIptablesSave(iptablesSave(tables, 4), 'rules', 4);
        expect(plainTables(read)).toEqual(plainTables(tables));
      }),
    );
  });

  test('counters and comment lines are passed over', () => {
    const text = '# Generated\n*filter\n:INPUT DROP [7:420]\n[3:180] -A INPUT -j ACCEPT\nCOMMIT\n';
    expect(iptablesSave(parseIptablesSave(text, 'rules', 4), 4)).toBe(
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n',
    );
  });

  test('other spellings of a mark become the one that the tool prints', () => {
    const spelled = (option: string): string => {
      const text = `*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j MARK ${option}\nCOMMIT\n`;
      return /--set-xmark (\S+)/.exec(iptablesSave(parseIptablesSave(text, 'r', 4), 4))![1]!;
    };
    expect(spelled('--or-mark 0x4000')).toBe('0x4000/0x4000');
    expect(spelled('--xor-mark 0x00004000')).toBe('0x4000/0x0');
    expect(spelled('--and-mark 0x3')).toBe('0x0/0xfffffffc');
    expect(spelled('--set-mark 0x1/0x2')).toBe('0x1/0x3');
  });

  test('a mistake is told with its place', () => {
    const rules = (rule: string): string => `*filter\n:INPUT ACCEPT [0:0]\n${rule}\nCOMMIT\n`;
    expect(mistakeIn(rules('-A INPUT -j DORP'))).toBe(
      'rules:3:13 Couldn\'t load target "DORP": no such chain or target is known',
    );
    expect(mistakeIn(rules('-A INPUT -d 10.0.0.300 -j DROP'))).toBe(
      'rules:3:13 host/network "10.0.0.300" not found',
    );
    expect(mistakeIn(rules('-A INPUT -m set --match-set a src -j DROP'))).toBe(
      'rules:3:13 match "set" is not simulated',
    );
    expect(mistakeIn(rules('-A INPUT -m comment --comment "open'))).toMatch(/^rules:3:31 a quote/);
    expect(mistakeIn('*filter\n')).toBe('rules table filter is not committed');
  });
});
