/** bench/run — `npm run bench -- NAME [SIZE…]`: one benchmark, one line for each size. */
const BENCHES = {
  api: () => import('./api.ts'),
  'load-balancer': () => import('./load-balancer.ts'),
  rollout: () => import('./rollout.ts'),
  trace: () => import('./trace.ts'),
} as const;

const [name, ...sizes] = process.argv.slice(2);
const load = BENCHES[name as keyof typeof BENCHES];
if (load === undefined) {
  console.error(
    `bench: give one of: ${Object.keys(BENCHES).join(', ')}; e.g. npm run bench -- rollout 50/1500`,
  );
  process.exit(2);
}
await (await load()).run(sizes);
