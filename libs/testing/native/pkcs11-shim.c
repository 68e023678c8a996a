/*
 * A PKCS#11 module for tests: passes every call on to a real module (TARGET) and, told by files in CONTROL,
 * fails, hangs, dawdles or answers wrongly in some of them. <function> is one of those below, or `any`.
 *
 *   CONTROL/calls                  one line per call of the functions below is appended
 *   CONTROL/fail-<function>        while it exists, the function answers CKR_DEVICE_ERROR
 *   CONTROL/fail-once-<function>   as above for one call, which removes the file
 *   CONTROL/fail-third-<function>  as above for every third call
 *   CONTROL/slow-<function>        while it exists, each call takes 300 ms more
 *   CONTROL/corrupt-<function>     while it exists, the first byte of the function's output is changed
 *   CONTROL/hang-<function>        while it exists, the function does not return
 *   CONTROL/hang-once-<function>   one call removes the file and does not return until CONTROL/release exists
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pkcs11/pkcs11.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SLOW_US 300000

static CK_FUNCTION_LIST_PTR target;
static CK_FUNCTION_LIST list;
static unsigned long counted;

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

static int meets(int (*fault)(const char *, const char *), const char *prefix, const char *name) {
  return fault(prefix, name) || fault(prefix, "any");
}

static void record(const char *name) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s\n", name);
  int log = open(CONTROL "/calls", O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log < 0) return;
  if (write(log, line, (size_t)length) != length) { /* a lost line fails the test that counts it */ }
  close(log);
}

static int third(void) { return __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED) % 3 == 0; }

static CK_RV enter(const char *name) {
  record(name);
  if (meets(exists, "slow-", name)) usleep(SLOW_US);
  if (meets(taken, "hang-once-", name)) while (!exists("", "release")) usleep(2000);
  while (meets(exists, "hang-", name)) usleep(2000);
  if (meets(taken, "fail-once-", name) || meets(exists, "fail-", name)) return CKR_DEVICE_ERROR;
  return meets(exists, "fail-third-", name) && third() ? CKR_DEVICE_ERROR : CKR_OK;
}

#define PASS_ON(name, parameters, arguments)   \
  static CK_RV shim_##name parameters {        \
    CK_RV refusal = enter(#name);              \
    return refusal ? refusal : target->name arguments; \
  }

PASS_ON(C_Initialize, (CK_VOID_PTR args), (args))
PASS_ON(C_Finalize, (CK_VOID_PTR reserved), (reserved))
PASS_ON(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count), (present, slots, count))
PASS_ON(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info), (slot, info))
PASS_ON(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session),
        (slot, flags, app, notify, session))
PASS_ON(C_CloseSession, (CK_SESSION_HANDLE session), (session))
PASS_ON(C_Login, (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length), (session, user, pin, length))
PASS_ON(C_Logout, (CK_SESSION_HANDLE session), (session))
PASS_ON(C_FindObjectsInit, (CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count), (session, attributes, count))
PASS_ON(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), (session, object))
PASS_ON(C_EncryptInit, (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key))
PASS_ON(C_DecryptInit, (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key))
PASS_ON(C_SignInit, (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key))
PASS_ON(C_GenerateKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR key),
        (session, mechanism, attributes, count, key))
PASS_ON(C_GenerateKeyPair,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR publicAttributes, CK_ULONG publicCount,
         CK_ATTRIBUTE_PTR privateAttributes, CK_ULONG privateCount, CK_OBJECT_HANDLE_PTR publicKey, CK_OBJECT_HANDLE_PTR privateKey),
        (session, mechanism, publicAttributes, publicCount, privateAttributes, privateCount, publicKey, privateKey))
PASS_ON(C_WrapKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped,
         CK_ULONG_PTR length),
        (session, mechanism, wrapping, key, wrapped, length))
PASS_ON(C_UnwrapKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped, CK_ULONG length,
         CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR unwrapped),
        (session, mechanism, key, wrapped, length, attributes, count, unwrapped))

#define PASS_ON_OUTPUT(name)                                                                               \
  static CK_RV shim_##name(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG inLength, CK_BYTE_PTR out,  \
                           CK_ULONG_PTR outLength) {                                                       \
    CK_RV result = enter(#name);                                                                           \
    if (result == CKR_OK) result = target->name(session, in, inLength, out, outLength);                    \
    if (result == CKR_OK && out != NULL && meets(exists, "corrupt-", #name)) out[0] ^= 1;                  \
    return result;                                                                                         \
  }

PASS_ON_OUTPUT(C_Encrypt)
PASS_ON_OUTPUT(C_Decrypt)
PASS_ON_OUTPUT(C_Sign)

#define TAKE_OVER(name) list.name = shim_##name

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
  if (target == NULL) {
    void *module = dlopen(TARGET, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    if (get == NULL || get(&target) != CKR_OK) return CKR_GENERAL_ERROR;
    memcpy(&list, target, sizeof list);
    TAKE_OVER(C_Initialize);
    TAKE_OVER(C_Finalize);
    TAKE_OVER(C_GetSlotList);
    TAKE_OVER(C_GetTokenInfo);
    TAKE_OVER(C_OpenSession);
    TAKE_OVER(C_CloseSession);
    TAKE_OVER(C_Login);
    TAKE_OVER(C_Logout);
    TAKE_OVER(C_FindObjectsInit);
    TAKE_OVER(C_DestroyObject);
    TAKE_OVER(C_EncryptInit);
    TAKE_OVER(C_DecryptInit);
    TAKE_OVER(C_SignInit);
    TAKE_OVER(C_GenerateKey);
    TAKE_OVER(C_GenerateKeyPair);
    TAKE_OVER(C_WrapKey);
    TAKE_OVER(C_UnwrapKey);
    TAKE_OVER(C_Encrypt);
    TAKE_OVER(C_Decrypt);
    TAKE_OVER(C_Sign);
  }
  *functions = &list;
  return CKR_OK;
}
