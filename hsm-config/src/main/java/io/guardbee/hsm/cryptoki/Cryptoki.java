package io.guardbee.hsm.cryptoki;

import iaik.pkcs.pkcs11.wrapper.CK_ATTRIBUTE;
import iaik.pkcs.pkcs11.wrapper.CK_C_INITIALIZE_ARGS;
import iaik.pkcs.pkcs11.wrapper.CK_INFO;
import iaik.pkcs.pkcs11.wrapper.CK_MECHANISM;
import iaik.pkcs.pkcs11.wrapper.CK_MECHANISM_INFO;
import iaik.pkcs.pkcs11.wrapper.CK_RSA_PKCS_PSS_PARAMS;
import iaik.pkcs.pkcs11.wrapper.CK_TOKEN_INFO;
import iaik.pkcs.pkcs11.wrapper.CK_VERSION;
import iaik.pkcs.pkcs11.wrapper.PKCS11;
import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.xipki.pkcs11.wrapper.Logger;
import org.xipki.pkcs11.wrapper.PKCS11Constants;
import org.xipki.pkcs11.wrapper.PKCS11Module;
import org.xipki.pkcs11.wrapper.StaticLogger;

/**
 * One loaded PKCS#11 library: its C functions one by one, and the only class that knows the
 * wrapper. Handles are what the module gives out. Safe for use by many threads, as far as each uses
 * a session of its own.
 */
public final class Cryptoki {

  private static final long OS_LOCKING_OK = 2;
  private static final long SERIAL_SESSION = 4;
  private static final long RW_SESSION = 2;
  private static final long USER_LOGGED_IN_RO = 1;
  private static final long USER_LOGGED_IN_RW = 3;
  private static final int LABEL_LENGTH = 32;
  private static final int FIND_AT_ONCE = 100;

  static {
    // before the wrapper's own classes load: without a logger they print to stdout
    StaticLogger.setLogger(new WrapperLog());
  }

  // the wrapper unloads the library when this object is collected: keep it as long as the process
  private final PKCS11Module module;
  private volatile PKCS11 functions;

  private Cryptoki(PKCS11Module module) {
    this.module = module;
    this.functions = module.getPKCS11Module();
  }

  /**
   * Loads the library.
   *
   * @throws IOException when it is no PKCS#11 library
   * @throws UnsatisfiedLinkError when the wrapper's own native part does not load here
   */
  public static Cryptoki load(Path library) throws IOException {
    return new Cryptoki(PKCS11Module.getInstance(library.toString()));
  }

  /**
   * C_Initialize for many threads.
   *
   * @param reserved what the module wants in pReserved, against the standard; null for none
   */
  public void initialize(@Nullable String reserved) throws CryptokiException {
    CK_C_INITIALIZE_ARGS args = new CK_C_INITIALIZE_ARGS();
    args.pReserved = reserved;
    args.flags = OS_LOCKING_OK;
    try {
      call("C_Initialize", () -> functions.C_Initialize(args, true));
    } catch (CryptokiException e) {
      if (!e.isAlreadyInitialized()) { // other code of this process may have come first
        throw e;
      }
    }
  }

  /** Ends every session of this process, on every token of this library, and its state. */
  public void terminate() throws CryptokiException {
    try {
      call("C_Finalize", () -> functions.C_Finalize(null));
    } catch (CryptokiException e) {
      if (!e.isNotInitialized()) { // other code of this process may have come first
        throw e;
      }
    }
  }

  /** Puts something between us and the module: how tests make a module fail. */
  void interpose(UnaryOperator<PKCS11> between) {
    functions = between.apply(module.getPKCS11Module());
  }

  public long[] slots() throws CryptokiException {
    return ask("C_GetSlotList", () -> functions.C_GetSlotList(true));
  }

  public ModuleInfo info() throws CryptokiException {
    CK_INFO info = ask("C_GetInfo", () -> functions.C_GetInfo());
    return new ModuleInfo(
        text(info.manufacturerID),
        text(info.libraryDescription),
        version(info.libraryVersion),
        version(info.cryptokiVersion));
  }

  public TokenInfo info(long slot) throws CryptokiException {
    CK_TOKEN_INFO info = ask("C_GetTokenInfo", () -> functions.C_GetTokenInfo(slot));
    return new TokenInfo(
        slot,
        text(info.label),
        text(info.manufacturerID),
        text(info.model),
        text(info.serialNumber),
        version(info.firmwareVersion),
        info.ulMaxSessionCount,
        info.ulSessionCount,
        info.flags,
        text(info.utcTime));
  }

  /** Every mechanism of the token in that slot, in the module's order. */
  public List<MechanismInfo> mechanisms(long slot) throws CryptokiException {
    List<MechanismInfo> mechanisms = new ArrayList<>();
    for (long number : ask("C_GetMechanismList", () -> functions.C_GetMechanismList(slot))) {
      CK_MECHANISM_INFO info =
          ask("C_GetMechanismInfo", () -> functions.C_GetMechanismInfo(slot, number));
      mechanisms.add(new MechanismInfo(number, info.ulMinKeySize, info.ulMaxKeySize, info.flags));
    }
    return List.copyOf(mechanisms);
  }

  /** The standard's name of a mechanism, or its number in hexadecimal. */
  public static String mechanismName(long number) {
    return PKCS11Constants.ckmCodeToName(number);
  }

  /** The number of a mechanism by its name in the standard. */
  public static OptionalLong mechanismNumber(String name) {
    Long number = PKCS11Constants.ckmNameToCode(name);
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  /** The number of an attribute by its name in the standard. */
  public static OptionalLong attributeNumber(String name) {
    Long number = PKCS11Constants.nameToCode(PKCS11Constants.Category.CKA, name);
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  private static String version(CK_VERSION version) {
    return (version.major & 0xff) + "." + (version.minor & 0xff);
  }

  private static String text(char[] padded) {
    return new String(padded).replace('\0', ' ').stripTrailing();
  }

  public void initToken(long slot, char[] securityOfficerPin, String label)
      throws CryptokiException {
    char[] padded = Arrays.copyOf(label.toCharArray(), LABEL_LENGTH);
    Arrays.fill(padded, Math.min(label.length(), LABEL_LENGTH), LABEL_LENGTH, ' ');
    call("C_InitToken", () -> functions.C_InitToken(slot, securityOfficerPin, padded, true));
  }

  public void initPin(long session, char[] pin) throws CryptokiException {
    call("C_InitPIN", () -> functions.C_InitPIN(session, pin, true));
  }

  public long openSession(long slot) throws CryptokiException {
    // null is the wrapper's and the C function's word for "no callback"
    return ask(
        "C_OpenSession",
        () -> functions.C_OpenSession(slot, SERIAL_SESSION | RW_SESSION, null, null));
  }

  public void closeSession(long session) throws CryptokiException {
    call("C_CloseSession", () -> functions.C_CloseSession(session));
  }

  /** Ends every session of this process on that slot, and with them the login. */
  public void closeAllSessions(long slot) throws CryptokiException {
    call("C_CloseAllSessions", () -> functions.C_CloseAllSessions(slot));
  }

  public boolean isUserLoggedIn(long session) throws CryptokiException {
    long state = ask("C_GetSessionInfo", () -> functions.C_GetSessionInfo(session)).state;
    return state == USER_LOGGED_IN_RW || state == USER_LOGGED_IN_RO;
  }

  public void login(long session, long user, char[] pin) throws CryptokiException {
    call("C_Login", () -> functions.C_Login(session, user, pin, true));
  }

  public void logout(long session) throws CryptokiException {
    call("C_Logout", () -> functions.C_Logout(session));
  }

  /** Handles of all objects with these attributes. */
  public long[] find(long session, Map<Long, Object> wanted) throws CryptokiException {
    call("C_FindObjectsInit", () -> functions.C_FindObjectsInit(session, attributes(wanted), true));
    try {
      long[] found = {};
      while (true) {
        long[] more = ask("C_FindObjects", () -> functions.C_FindObjects(session, FIND_AT_ONCE));
        if (more == null || more.length == 0) {
          return found;
        }
        int known = found.length;
        found = Arrays.copyOf(found, known + more.length);
        System.arraycopy(more, 0, found, known, more.length);
      }
    } finally {
      call("C_FindObjectsFinal", () -> functions.C_FindObjectsFinal(session));
    }
  }

  /** One attribute of an object: Long, Boolean, char[] or byte[]; null when it is empty. */
  public @Nullable Object attribute(long session, long object, long type) throws CryptokiException {
    CK_ATTRIBUTE[] template = {new CK_ATTRIBUTE()};
    template[0].type = type;
    call(
        "C_GetAttributeValue",
        () -> functions.C_GetAttributeValue(session, object, template, true));
    return template[0].pValue;
  }

  /** Makes a pair and returns the handles of its public and its private half. */
  public long[] generatePair(
      long session, long mechanism, Map<Long, Object> publicKey, Map<Long, Object> privateKey)
      throws CryptokiException {
    return ask(
        "C_GenerateKeyPair",
        () ->
            functions.C_GenerateKeyPair(
                session,
                mechanism(mechanism, null),
                attributes(publicKey),
                attributes(privateKey),
                true));
  }

  /** Makes an object of these attributes and returns its handle. */
  public long create(long session, Map<Long, Object> object) throws CryptokiException {
    return ask("C_CreateObject", () -> functions.C_CreateObject(session, attributes(object), true));
  }

  /** A key encrypted under another, both in the module. */
  public byte[] wrap(long session, long mechanism, long wrappingKey, long key)
      throws CryptokiException {
    return ask(
        "C_WrapKey",
        () -> functions.C_WrapKey(session, mechanism(mechanism, null), wrappingKey, key, true));
  }

  /** Fills the array with the token's random octets. */
  public void random(long session, byte[] octets) throws CryptokiException {
    call("C_GenerateRandom", () -> functions.C_GenerateRandom(session, octets));
  }

  public void destroy(long session, long object) throws CryptokiException {
    call("C_DestroyObject", () -> functions.C_DestroyObject(session, object));
  }

  /**
   * Signs in one part.
   *
   * @param pss for the PSS mechanisms, else null
   */
  public byte[] sign(
      long session, long mechanism, @Nullable PssParameters pss, long key, byte[] data)
      throws CryptokiException {
    call("C_SignInit", () -> functions.C_SignInit(session, mechanism(mechanism, pss), key, true));
    return ask("C_Sign", () -> functions.C_Sign(session, data));
  }

  private static CK_MECHANISM mechanism(long code, @Nullable PssParameters pss) {
    CK_MECHANISM mechanism = new CK_MECHANISM();
    mechanism.mechanism = code;
    if (pss != null) {
      CK_RSA_PKCS_PSS_PARAMS parameters = new CK_RSA_PKCS_PSS_PARAMS();
      parameters.hashAlg = pss.hash();
      parameters.mgf = pss.mgf();
      parameters.sLen = pss.saltOctets();
      mechanism.pParameter = parameters;
    }
    return mechanism;
  }

  private static CK_ATTRIBUTE[] attributes(Map<Long, Object> values) {
    return values.entrySet().stream()
        .map(
            entry -> {
              CK_ATTRIBUTE attribute = new CK_ATTRIBUTE();
              attribute.type = entry.getKey();
              attribute.pValue =
                  entry.getValue() instanceof String text ? text.toCharArray() : entry.getValue();
              return attribute;
            })
        .toArray(CK_ATTRIBUTE[]::new);
  }

  private interface Call {
    void run() throws PKCS11Exception;
  }

  private interface Ask<T> {
    T run() throws PKCS11Exception;
  }

  private static void call(String function, Call call) throws CryptokiException {
    ask(
        function,
        () -> {
          call.run();
          return true;
        });
  }

  private static <T> T ask(String function, Ask<T> ask) throws CryptokiException {
    try {
      return ask.run();
    } catch (PKCS11Exception e) {
      throw new CryptokiException(function, e.getErrorCode(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String toString() {
    return module.toString();
  }

  /** The wrapper's chatter, licence banner included, is for those who debug. */
  private static final class WrapperLog implements Logger {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.xipki.pkcs11.wrapper");

    @Override
    public void info(String format, Object... arguments) {
      LOG.debug(format, arguments);
    }

    @Override
    public void warn(String format, Object... arguments) {
      LOG.warn(format, arguments);
    }

    @Override
    public void error(String format, Object... arguments) {
      LOG.error(format, arguments);
    }

    @Override
    public void debug(String format, Object... arguments) {
      LOG.trace(format, arguments);
    }

    @Override
    public void trace(String format, Object... arguments) {
      LOG.trace(format, arguments);
    }

    @Override
    public boolean isDebugEnabled() {
      return LOG.isTraceEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
      return LOG.isDebugEnabled();
    }

    @Override
    public boolean isWarnEnabled() {
      return LOG.isWarnEnabled();
    }

    @Override
    public boolean isTraceEnabled() {
      return LOG.isTraceEnabled();
    }
  }
}
