/*
 * A PKCS#11 module for tests: passes every call on to a real module (TARGET) and, told by files in CONTROL,
 * fails, hangs, dawdles or answers wrongly in some of them. <function> is one of those below, or `any`.
 *
 *   CONTROL/calls                  while it exists, one line per call of the functions below is appended
 *   CONTROL/fail-<function>        while it exists, the function answers the CK_RV in it (hexadecimal; CKR_DEVICE_ERROR when empty)
 *   CONTROL/fail-once-<function>   as above for one call, which removes the file
 *   CONTROL/fail-third-<function>  as above for every third call
 *   CONTROL/slow-<function>        while it exists, each call takes as many microseconds more as it says
 *   CONTROL/corrupt-<function>     while it exists, the first byte of the function's output is changed
 *   CONTROL/corrupt-once-<function> as above for one call, which removes the file
 *   CONTROL/hang-<function>        while it exists, the function does not return
 *   CONTROL/missing-key            while it exists, the keys whose label begins with its content are not found
 *   CONTROL/hang-once-<function>   one call removes the file and does not return until CONTROL/release exists
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pkcs11/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* what a file says, as far as it fits; empty where there is none */
static const char *content(char *text, size_t size, const char *prefix, const char *name) {
  char path[512];
  int in = open(file(path, sizeof path, prefix, name), O_RDONLY);
  ssize_t length = in < 0 ? 0 : read(in, text, size - 1);
  if (in >= 0) close(in);
  text[length < 0 ? 0 : length] = 0;
  return text;
}

static unsigned long number(const char *prefix, const char *name, int base) {
  char text[32];
  if (!exists(prefix, name)) name = "any";
  return strtoul(content(text, sizeof text, prefix, name), NULL, base);
}

static CK_RV failure(const char *prefix, const char *name) {
  CK_RV said = number(prefix, name, 16);
  return said ? said : CKR_DEVICE_ERROR;
}

static void record(const char *name) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s\n", name);
  int log = open(CONTROL "/calls", O_WRONLY | O_APPEND);
  if (log < 0) return;
  if (write(log, line, (size_t)length) != length) { /* a lost line fails the test that counts it */ }
  close(log);
}

static int third(void) { return __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED) % 3 == 0; }

static CK_RV enter(const char *name) {
  record(name);
  if (meets(exists, "slow-", name)) usleep((useconds_t)number("slow-", name, 10));
  if (meets(taken, "hang-once-", name)) while (!exists("", "release")) usleep(2000);
  while (meets(exists, "hang-", name)) usleep(2000);
  if (meets(taken, "fail-once-", name)) return CKR_DEVICE_ERROR;
  if (meets(exists, "fail-", name)) return failure("fail-", name);
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

static int corrupts(const char *name) { return meets(exists, "corrupt-", name) || meets(taken, "corrupt-once-", name); }

#define PASS_ON_OUTPUT(name)                                                                               \
  static CK_RV shim_##name(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG inLength, CK_BYTE_PTR out,  \
                           CK_ULONG_PTR outLength) {                                                       \
    CK_RV result = enter(#name);                                                                           \
    if (result == CKR_OK) result = target->name(session, in, inLength, out, outLength);                    \
    if (result == CKR_OK && out != NULL && corrupts(#name)) out[0] ^= 1;                                   \
    return result;                                                                                         \
  }

PASS_ON_OUTPUT(C_Encrypt)
PASS_ON_OUTPUT(C_Decrypt)
PASS_ON_OUTPUT(C_Sign)

static int is_missing(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  char missing[64], label[64];
  CK_ATTRIBUTE attribute = {CKA_LABEL, label, sizeof label};
  size_t length = strlen(content(missing, sizeof missing, "missing-", "key"));
  return length > 0 && target->C_GetAttributeValue(session, object, &attribute, 1) == CKR_OK &&
         attribute.ulValueLen >= length && memcmp(label, missing, length) == 0;
}

/* no result means that there are no more, so that what is missing must not leave an empty answer */
static CK_RV shim_C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG most, CK_ULONG_PTR count) {
  for (;;) {
    CK_RV result = target->C_FindObjects(session, objects, most, count);
    if (result != CKR_OK || *count == 0 || !exists("missing-", "key")) return result;
    CK_ULONG kept = 0;
    for (CK_ULONG index = 0; index < *count; index++)
      if (!is_missing(session, objects[index])) objects[kept++] = objects[index];
    *count = kept;
    if (kept > 0) return CKR_OK;
  }
}

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
    TAKE_OVER(C_FindObjects);
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
