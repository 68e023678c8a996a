import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from './root.mjs';
import { run, runOrFail } from './run-command.mjs';

const PLACES = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
];

/** What the stack needs from the machine and npm cannot bring. `find` answers a path, or nothing. */
const TOOLS = {
  natsServer: {
    title: 'nats-server, the message broker',
    debian: ['nats-server'],
    find: (env) => env.NATS_SERVER || executable('nats-server', env),
  },
  pkcs11Module: {
    title: 'SoftHSM 2, the PKCS#11 module',
    debian: ['softhsm2'],
    find: (env) => env.PKCS11_MODULE || softhsmModule(),
  },
  softhsmUtil: {
    title: 'softhsm2-util, which makes its tokens',
    debian: ['softhsm2'],
    find: (env) => env.SOFTHSM2_UTIL || executable('softhsm2-util', env),
  },
};

/** Needed only while a native module is compiled. */
const BUILD_TOOLS = {
  python: { title: 'Python 3', debian: ['python3'], find: (env) => executable('python3', env) },
  make: { title: 'make', debian: ['make'], find: (env) => executable('make', env) },
  compiler: {
    title: 'a C++ compiler',
    debian: ['g++'],
    find: (env) => executable('c++', env) || executable('g++', env) || executable('clang++', env),
  },
};

/** Needed only by the tests of pages. */
const BROWSER = {
  browser: {
    title: 'Chromium or Chrome, in which pages are tested',
    debian: ['chromium'],
    find: (env) => env.BROWSER_PATH || browser(env),
  },
};

/**
 * Finds the broker and the PKCS#11 module, installing them where that is possible without asking.
 * @param {{ detail?: (text: string) => void, compiler?: boolean, browser?: boolean }} [options] compiler: a native module is to be compiled; browser:
 *   pages are to be tested
 * @returns {Promise<{ natsServer: string, pkcs11Module: string, softhsmUtil: string }>}
 */
export async function ensureNativeTools({ detail = () => {}, compiler = false, browser = false } = {}) {
  const wanted = { ...TOOLS, ...(compiler ? BUILD_TOOLS : {}), ...(browser ? BROWSER : {}) };
  let missing = missingOf(wanted);
  if (missing.length > 0 && (await mayUseApt())) {
    await aptInstall([...new Set(missing.flatMap((tool) => tool.debian))]);
    missing = missingOf(wanted);
    detail('installed with apt');
  }
  if (missing.length > 0) throw new SetupError(howToInstall(missing));
  return locateNativeTools();
}

/** The same, without installing anything. */
export function locateNativeTools(env = process.env) {
  const missing = missingOf(TOOLS, env);
  if (missing.length > 0) throw new SetupError(howToInstall(missing));
  for (const variable of ['NATS_SERVER', 'PKCS11_MODULE', 'SOFTHSM2_UTIL']) {
    if (env[variable] && !existsSync(env[variable])) {
      throw new SetupError(`${variable} is set to ${env[variable]}, and there is no such file.`);
    }
  }
  return {
    natsServer: TOOLS.natsServer.find(env),
    pkcs11Module: TOOLS.pkcs11Module.find(env),
    softhsmUtil: TOOLS.softhsmUtil.find(env),
  };
}

/** The browser that tests run pages in. */
export function locateBrowser(env = process.env) {
  const missing = missingOf(BROWSER, env);
  if (missing.length > 0) throw new SetupError(howToInstall(missing));
  const found = BROWSER.browser.find(env);
  if (existsSync(found)) return found;
  throw new SetupError(`BROWSER_PATH is set to ${found}, and there is no such file.`);
}

function missingOf(tools, env = process.env) {
  return Object.values(tools).filter((tool) => !tool.find(env));
}

function executable(name, env) {
  const places = [...(env.PATH ?? '').split(path.delimiter), ...PLACES, path.join(os.homedir(), 'go/bin')];
  return places.map((place) => path.join(place, name)).find(isExecutable);
}

function browser(env) {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const apps = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  return names.map((name) => executable(name, env)).find(Boolean) ?? apps.find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function softhsmModule() {
  const multiarch = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : [];
  return [
    '/usr/lib/softhsm',
    ...multiarch.map((name) => `/usr/lib/${name}/softhsm`),
    '/usr/lib64/softhsm',
    '/usr/lib64/pkcs11',
    '/usr/lib/pkcs11',
    '/usr/local/lib/softhsm',
    '/opt/homebrew/lib/softhsm',
  ]
    .map((place) => path.join(place, 'libsofthsm2.so'))
    .find((file) => existsSync(file));
}

async function mayUseApt() {
  if (!executable('apt-get', process.env)) return false;
  return process.getuid?.() === 0 || (await succeeds('sudo', ['-n', 'true']));
}

async function aptInstall(packages) {
  const apt = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120'];
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [command, ...rest] = [...asRoot, ...apt];
  // Lists that cannot all be fetched may still be good enough; if not, the installation says so.
  await run(command, [...rest, 'update'], { env });
  const failure = howToInstall(missingOf({ ...TOOLS, ...BUILD_TOOLS, ...BROWSER }));
  await runOrFail(command, [...rest, 'install', '-y', '--no-install-recommends', ...packages], { env }, failure);
}

async function succeeds(command, args) {
  try {
    return (await run(command, args)).code === 0;
  } catch {
    return false;
  }
}

function howToInstall(missing) {
  const titles = missing.map((tool) => tool.title).join('; ');
  const build = missing.some((tool) => Object.values(BUILD_TOOLS).includes(tool));
  const page = missing.includes(BROWSER.browser);
  return [
    `Missing on this machine: ${titles}.`,
    'Install what is missing, then run this again:',
    `  Debian, Ubuntu   sudo apt-get update && sudo apt-get install -y nats-server softhsm2${build ? ' python3 make g++' : ''}${page ? ' chromium' : ''}`,
    `  Fedora           sudo dnf install -y softhsm golang${build ? ' python3 make gcc-c++' : ''}${page ? ' chromium' : ''} && go install github.com/nats-io/nats-server/v2@latest`,
    `  macOS            brew install nats-server softhsm${build ? ' && xcode-select --install' : ''}${page ? ' && brew install --cask google-chrome' : ''}`,
    'Installed in an unusual place? Say where: NATS_SERVER, PKCS11_MODULE (libsofthsm2.so), SOFTHSM2_UTIL, BROWSER_PATH.',
  ].join('\n');
}
