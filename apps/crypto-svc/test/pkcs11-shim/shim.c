/*
 * A PKCS#11 module for tests: passes every call on to a real module (TARGET) and, told by files in CONTROL,
 * fails, hangs or answers wrongly in some of them.
 *
 *   CONTROL/calls                 one line per call of the functions below is appended
 *   CONTROL/fail-<function>       while it exists, the function answers CKR_DEVICE_ERROR
 *   CONTROL/fail-once-<function>  as above for one call, which removes the file
 *   CONTROL/corrupt-<function>    while it exists, the first byte of the function's output is changed
 *   CONTROL/hang-<function>       while it exists, the function does not return
 *   CONTROL/hang-once-<function>  one call removes the file and does not return until CONTROL/release exists
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pkcs11/pkcs11.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR target;
static CK_FUNCTION_LIST list;

static const char *file(char *path, size_t size, const char *prefix, const char *name) {
  snprintf(path, size, CONTROL "/%s%s", prefix, name);
  return path;
}

static int exists(const char *prefix, const char *name) {
  char path[512];
  return access(file(path, sizeof path, prefix, name), F_OK) == 0;
}

/* unlink succeeds in one thread only */
static int taken(const char *prefix, const char *name) {
  char path[512];
  return unlink(file(path, sizeof path, prefix, name)) == 0;
}

static void record(const char *name) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s\n", name);
  int log = open(CONTROL "/calls", O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log < 0) return;
  if (write(log, line, (size_t)length) != length) { /* a lost line fails the test that counts it */ }
  close(log);
}

static CK_RV enter(const char *name) {
  record(name);
  if (taken("hang-once-", name)) while (!exists("", "release")) usleep(2000);
  while (exists("hang-", name)) usleep(2000);
  return taken("fail-once-", name) || exists("fail-", name) ? CKR_DEVICE_ERROR : CKR_OK;
}

#define PASS_ON(name, parameters, arguments)   \
  static CK_RV shim_##name parameters {        \
    CK_RV refusal = enter(#name);              \
    return refusal ? refusal : target->name arguments; \
  }

PASS_ON(C_Initialize, (CK_VOID_PTR args), (args))
PASS_ON(C_Finalize, (CK_VOID_PTR reserved), (reserved))
PASS_ON(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session),
        (slot, flags, app, notify, session))
PASS_ON(C_CloseSession, (CK_SESSION_HANDLE session), (session))
PASS_ON(C_Login, (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length), (session, user, pin, length))
PASS_ON(C_Logout, (CK_SESSION_HANDLE session), (session))
PASS_ON(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), (session, object))
PASS_ON(C_UnwrapKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped, CK_ULONG length,
         CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR unwrapped),
        (session, mechanism, key, wrapped, length, attributes, count, unwrapped))
PASS_ON(C_GenerateKeyPair,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR publicAttributes, CK_ULONG publicCount,
         CK_ATTRIBUTE_PTR privateAttributes, CK_ULONG privateCount, CK_OBJECT_HANDLE_PTR publicKey, CK_OBJECT_HANDLE_PTR privateKey),
        (session, mechanism, publicAttributes, publicCount, privateAttributes, privateCount, publicKey, privateKey))

#define PASS_ON_OUTPUT(name)                                                                               \
  static CK_RV shim_##name(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG inLength, CK_BYTE_PTR out,  \
                           CK_ULONG_PTR outLength) {                                                       \
    CK_RV result = enter(#name);                                                                           \
    if (result == CKR_OK) result = target->name(session, in, inLength, out, outLength);                    \
    if (result == CKR_OK && out != NULL && exists("corrupt-", #name)) out[0] ^= 1;                         \
    return result;                                                                                         \
  }

PASS_ON_OUTPUT(C_Encrypt)
PASS_ON_OUTPUT(C_Decrypt)
PASS_ON_OUTPUT(C_Sign)

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
  if (target == NULL) {
    void *module = dlopen(TARGET, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    if (get == NULL || get(&target) != CKR_OK) return CKR_GENERAL_ERROR;
    memcpy(&list, target, sizeof list);
    list.C_Initialize = shim_C_Initialize;
    list.C_Finalize = shim_C_Finalize;
    list.C_OpenSession = shim_C_OpenSession;
    list.C_CloseSession = shim_C_CloseSession;
    list.C_Login = shim_C_Login;
    list.C_Logout = shim_C_Logout;
    list.C_DestroyObject = shim_C_DestroyObject;
    list.C_UnwrapKey = shim_C_UnwrapKey;
    list.C_GenerateKeyPair = shim_C_GenerateKeyPair;
    list.C_Encrypt = shim_C_Encrypt;
    list.C_Decrypt = shim_C_Decrypt;
    list.C_Sign = shim_C_Sign;
  }
  *functions = &list;
  return CKR_OK;
}
