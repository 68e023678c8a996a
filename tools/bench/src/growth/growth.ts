import type { Stack } from '@oneclaw/stack';
import { memoryOf } from '../processes.js';
import { seedAgent, seedOrg, type BenchAgent, type Org } from '../world.js';
import type { GrowthReport, WholeList } from './growth-report.js';
import { machine, say } from '../roomy-stack.js';
import { Seeder } from './seeder.js';
import { measureStage, type ScenarioName, type Stage } from './stage.js';

const SIZES = [1_000, 100_000, 1_000_000];
const POLICIES = [10, 1_000, 10_000];
const EVERYTHING: readonly ScenarioName[] = ['read', 'write', 'list page', 'policy check'];
const AGENTS = 8;

/** How speed and memory change as a vault grows to a million secrets and ten thousand policies, in one run. */
export async function measureGrowth(stack: Stack, seconds: number): Promise<GrowthReport> {
  const org = await seedOrg(stack.url);
  const agents: BenchAgent[] = [];
  for (let index = 0; index < AGENTS; index += 1) agents.push(await seedAgent(org, `bench-${index}`));
  const outsider = await seedAgent(org, 'outsider', 'apps/**');
  const seeder = new Seeder(stack, org);
  try {
    const at = (secrets: number) => ({ vaultId: org.vaultId, secrets, agents, outsider });
    const bySize: Stage[] = [];
    const wholeLists: WholeList[] = [];
    for (const size of SIZES) {
      say(`growing to ${size.toLocaleString('en')} secrets …`);
      await seeder.growTo(size);
      const title = `${size.toLocaleString('en')} secrets`;
      bySize.push(await measureStage(stack, title, at(size), EVERYTHING, seconds));
      wholeLists.push(await listAll(stack, org, size));
    }
    const byPolicies: Stage[] = [];
    let others = AGENTS + 1;
    for (const count of POLICIES) {
      await seeder.addPolicies(count - others);
      others = count;
      const title = `${count.toLocaleString('en')} policies`;
      byPolicies.push(await measureStage(stack, title, at(SIZES.at(-1)!), ['read', 'policy check'], seconds));
    }
    const most = POLICIES.at(-1)!;
    await seeder.addPolicies(most, outsider.id);
    const title = `${most.toLocaleString('en')} of one agent`;
    byPolicies.push(await measureStage(stack, title, at(SIZES.at(-1)!), ['policy check'], seconds));
    const deletionMs = await timed(() => org.owner.call('DELETE', `/v1/vaults/${org.vaultId}`));
    return { takenAt: new Date().toISOString(), machine: machine(), bySize, wholeLists, byPolicies, deletionMs };
  } finally {
    await seeder.close();
  }
}

/** The list without a limit, and the most memory that the two services on its way have meanwhile. */
async function listAll(stack: Stack, { owner, vaultId }: Org, secrets: number): Promise<WholeList> {
  const before = memoryOf(stack).rssMegabytes;
  const most = { ...before };
  const watching = setInterval(() => {
    for (const [name, megabytes] of Object.entries(memoryOf(stack).rssMegabytes))
      most[name] = Math.max(most[name] ?? 0, megabytes);
  }, 250);
  try {
    let bytes = 0;
    const ms = await timed(async () => (bytes = await owner.download(`/v1/vaults/${vaultId}/secrets`)));
    const grown = (name: string) => Math.round(most[name]! - before[name]!);
    say(`the whole list of ${secrets}: ${(ms / 1000).toFixed(1)} s, ${(bytes / 1e6).toFixed(1)} MB`);
    return {
      secrets,
      seconds: ms / 1000,
      bytes,
      grownMegabytes: { gateway: grown('gateway'), vault: grown('vault-svc') },
    };
  } finally {
    clearInterval(watching);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
