package io.guardbee.hsm.session;

import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.ModuleInfo;
import io.guardbee.hsm.cryptoki.Remedy;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.profile.ModuleIdentity;
import io.guardbee.hsm.profile.VendorProfile;
import io.guardbee.hsm.profile.VendorProfiles;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A PKCS#11 library, loaded once per process, and the tokens in use. C_Finalize ends it for
 * everyone in the process, and must not meet a call that is still inside: every call is made under
 * {@link #shared}, and {@link #restart} waits for them.
 */
public final class Library {

  /** Calls into the module. */
  interface Calls<T, E extends Exception> {
    T make() throws E;
  }

  private static final Map<Path, Library> LOADED = new HashMap<>();
  private static final long QUIET_SECONDS = 5;

  private final Path file;
  private final Cryptoki cryptoki;
  private final @Nullable String reserved;
  private final ReadWriteLock gate = new ReentrantReadWriteLock();
  private final Map<String, Slot> slots = new HashMap<>();
  private final AtomicInteger epoch = new AtomicInteger();

  private Library(Path file, Cryptoki cryptoki, @Nullable String reserved) {
    this.file = file;
    this.cryptoki = cryptoki;
    this.reserved = reserved;
  }

  /** The library that reaches the URI's token, initialised as the URI says. */
  public static Library of(Pkcs11Uri uri) {
    return load(ModuleFile.find(uri), uri.initReserved().orElse(null));
  }

  /** The library in that file, the same object for every path to it. */
  public static Library load(Path file) {
    return load(file, null);
  }

  private static Library load(Path file, @Nullable String reserved) {
    synchronized (LOADED) {
      Path real = real(file);
      Library known = LOADED.get(real);
      if (known != null) {
        return known;
      }
      Library loaded = new Library(file, initialized(file, reserved), reserved);
      LOADED.put(real, loaded); // only a library that initialised is remembered
      return loaded;
    }
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new RefusedException(
          Reason.MODULE_MISSING,
          Quoted.of(file.toString()) + " cannot be read: " + e.getMessage(),
          "name the library of an installed module");
    }
  }

  private static Cryptoki initialized(Path file, @Nullable String reserved) {
    try {
      if (!ModuleFile.hasEntryPoint(file)) {
        throw new IOException("it exports no C_GetFunctionList");
      }
      Cryptoki cryptoki = Cryptoki.load(file);
      cryptoki.initialize(reserved);
      return cryptoki;
    } catch (IOException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          Quoted.of(file.toString())
              + " does not load as a PKCS#11 library: "
              + Quoted.of(String.valueOf(e.getMessage())),
          "name the library of a PKCS#11 module made for this platform, such as libsofthsm2.so");
    } catch (LinkageError e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the native part of the PKCS#11 wrapper does not load: "
              + Quoted.of(String.valueOf(e.getMessage())),
          "let java.io.tmpdir name a directory with room that is not mounted noexec");
    } catch (CryptokiException e) {
      throw e.refused(file.toString());
    }
  }

  public Path file() {
    return file;
  }

  public Cryptoki cryptoki() {
    return cryptoki;
  }

  /** Changes when the library has been restarted: every handle has lost its meaning. */
  int epoch() {
    return epoch.get();
  }

  /** Makes calls beside others, but never beside a restart. */
  <T, E extends Exception> T shared(Calls<T, E> calls) throws E {
    gate.readLock().lock();
    try {
      return calls.make();
    } finally {
      gate.readLock().unlock();
    }
  }

  /** What the library tells of itself. */
  public ModuleInfo info() {
    try {
      return shared(cryptoki::info);
    } catch (CryptokiException e) {
      throw e.refused(file.toString());
    }
  }

  /** What the module tells of every token present. */
  public List<TokenInfo> tokens() {
    try {
      return shared(this::present);
    } catch (CryptokiException e) {
      if (e.remedy() != Remedy.RECONNECT) {
        throw e.refused(file.toString());
      }
      restart(); // an earlier user may have left it while it was not to be mended
    }
    try {
      return shared(this::present);
    } catch (CryptokiException e) {
      throw e.refused(file.toString());
    }
  }

  private List<TokenInfo> present() throws CryptokiException {
    List<TokenInfo> tokens = new ArrayList<>();
    for (long slot : cryptoki.slots()) {
      tokens.add(cryptoki.info(slot));
    }
    return tokens;
  }

  /**
   * The one token that the URI names.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when there is none or more than one
   */
  public Slot slot(Pkcs11Uri uri) {
    List<TokenInfo> present = tokens().stream().filter(TokenInfo::isInitialized).toList();
    List<TokenInfo> named = present.stream().filter(uri::names).toList();
    if (named.size() != 1) {
      throw new RefusedException(
          Reason.KEY_MISSING,
          (named.isEmpty() ? "no token matches " : "more than one token matches ")
              + Quoted.of(uri.toString())
              + "; the module holds "
              + describe(present),
          "correct token=, or add serial=, in the PKCS#11 URI");
    }
    return slot(named.get(0));
  }

  private Slot slot(TokenInfo token) {
    synchronized (slots) {
      Slot known = slots.get(identity(token));
      if (known != null) {
        return known;
      }
      try {
        Slot slot = shared(() -> new Slot(this, token, profile(token)));
        slots.put(identity(token), slot);
        return slot;
      } catch (CryptokiException e) {
        throw e.refused(token.label());
      }
    }
  }

  /** What is known of the vendor whose token that is. */
  public VendorProfile profile(TokenInfo token) throws CryptokiException {
    ModuleInfo info = cryptoki.info();
    return VendorProfiles.of(
        new ModuleIdentity(
            info.manufacturer(), info.description(), token.manufacturer(), token.model()));
  }

  /** Slot numbers change when a module is restarted; label and serial number do not. */
  private static String identity(TokenInfo token) {
    return token.label() + '\0' + token.serial();
  }

  /**
   * The same token where it is now.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED} when the module does not show it
   */
  TokenInfo locate(TokenInfo token) throws CryptokiException {
    List<TokenInfo> present = present();
    return present.stream()
        .filter(found -> found.isInitialized() && identity(found).equals(identity(token)))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.MODULE_FAILED,
                    "token "
                        + Quoted.of(token.label())
                        + " is gone; the module holds "
                        + describe(present.stream().filter(TokenInfo::isInitialized).toList()),
                    "bring the token back: plug it in, start its daemon, restore its files"));
  }

  /**
   * C_Finalize and C_Initialize: what many modules need after their connection or their daemon was
   * lost.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED} when a call hangs in the module, or it
   *     does not start
   */
  void restart() {
    awaitQuiet();
    try {
      List<Slot> all = used();
      all.forEach(Slot::leave);
      cryptoki.terminate();
      epoch.incrementAndGet();
      all.forEach(Slot::forget);
      cryptoki.initialize(reserved);
    } catch (CryptokiException e) {
      throw e.refused(file.toString());
    } finally {
      gate.writeLock().unlock();
    }
  }

  private List<Slot> used() {
    synchronized (slots) {
      return List.copyOf(slots.values());
    }
  }

  private void awaitQuiet() {
    try {
      if (gate.writeLock().tryLock(QUIET_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RefusedException(
        Reason.MODULE_FAILED,
        "a call has been hanging in " + Quoted.of(file.toString()) + " for seconds",
        "bring the module back; if the call still hangs then, restart Guardbee's process");
  }

  private static String describe(List<TokenInfo> tokens) {
    return tokens.isEmpty()
        ? "no token"
        : tokens.stream()
            .map(token -> Quoted.of(token.label()) + " (serial " + token.serial() + ")")
            .collect(Collectors.joining(", "));
  }
}
