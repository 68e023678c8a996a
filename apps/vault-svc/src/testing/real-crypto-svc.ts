import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TokenKind, TokenSigningServiceDefinition } from '@oneclaw/contracts/crypto';
import { RpcChannel, createRpcClient, transportSecurity } from '@oneclaw/rpc';
import { eventually, freePort } from '@oneclaw/testing';

const DIST = fileURLToPath(new URL('../../../crypto-svc/dist/', import.meta.url));
const KINDS: Record<string, TokenKind> = {
  'caller+jwt': TokenKind.CALLER_ASSERTION,
  'principal+jwt': TokenKind.PRINCIPAL_ATTESTATION,
  'facts+jwt': TokenKind.PRINCIPAL_FACTS,
};

/** Where SoftHSM2 is. */
export interface SoftHsmPaths {
  module: string;
  util: string;
}

/** crypto-svc as a process of its own, built, on a SoftHSM token made for it. */
export class RealCryptoSvc {
  private readonly channel: RpcChannel;

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    const security = transportSecurity({ ONECLAW_PROFILE: 'local', TLS_MODE: 'plaintext' } as never);
    this.channel = new RpcChannel({ self: 'auth-svc', target: 'crypto-svc', url, security });
  }

  static async start(softHsm: SoftHsmPaths): Promise<RealCryptoSvc> {
    if (!existsSync(join(DIST, 'main.js'))) throw new Error('crypto-svc is not built: npm run build');
    const folder = mkdtempSync(join(tmpdir(), 'oneclaw-vault-hsm-'));
    const [port, adminPort] = [await freePort(), await freePort()];
    const env = environmentIn(folder, softHsm.module, port, adminPort);
    const [label, pin] = [env.PKCS11_TOKEN_LABEL, '4711-4711'];
    execFileSync(softHsm.util, ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', pin], { env });
    execFileSync(process.execPath, [join(DIST, 'hsm/hsm-cli.js'), 'init'], { env });
    const child = spawn(process.execPath, [join(DIST, 'main.js')], { env, stdio: 'ignore' });
    await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
      if (!response.ok) throw new Error(await response.text());
    });
    return new RealCryptoSvc(`127.0.0.1:${port}`, child, folder);
  }

  /** As auth-svc has it done. */
  async sign(typ: string, claims: object): Promise<string> {
    const token = { kind: KINDS[typ] as TokenKind, claimsJson: JSON.stringify(claims) };
    const client = createRpcClient(TokenSigningServiceDefinition, this.channel);
    const { tokens } = await client.signTokens({ tokens: [token] }, { requestId: 'test' });
    return tokens[0] as string;
  }

  /** As when the device is unplugged. */
  takeTokenAway(): void {
    renameSync(join(this.folder, 'tokens'), join(this.folder, 'tokens.away'));
  }

  bringTokenBack(): void {
    renameSync(join(this.folder, 'tokens.away'), join(this.folder, 'tokens'));
  }

  async stop(): Promise<void> {
    this.channel.close();
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function environmentIn(folder: string, module: string, port: number, adminPort: number) {
  mkdirSync(join(folder, 'tokens'));
  writeFileSync(join(folder, 'pin'), '4711-4711');
  writeFileSync(join(folder, 'softhsm2.conf'), `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`);
  return {
    SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
    PKCS11_MODULE: module,
    PKCS11_TOKEN_LABEL: 'vault-test',
    PKCS11_PIN_FILE: join(folder, 'pin'),
    ONECLAW_PROFILE: 'local',
    LOG_LEVEL: 'error',
    TLS_MODE: 'plaintext',
    GRPC_LISTEN: `127.0.0.1:${port}`,
    ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
  };
}
