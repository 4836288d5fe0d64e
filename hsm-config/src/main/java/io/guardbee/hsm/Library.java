package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A PKCS#11 library, loaded and initialised once per process, and the slots in use. It stays loaded
 * until the process ends: C_Finalize would end it for everyone in the process.
 */
final class Library {

  private static final Map<Path, Library> LOADED = new HashMap<>();

  private final Path file;
  private final Cryptoki cryptoki;
  private final Map<Long, Slot> slots = new HashMap<>();

  private Library(Path file, Cryptoki cryptoki) {
    this.file = file;
    this.cryptoki = cryptoki;
  }

  /** The library in that file, the same object for every path to it. */
  static Library load(Path file) {
    synchronized (LOADED) {
      Path real = real(file);
      Library known = LOADED.get(real);
      if (known != null) {
        return known;
      }
      Library loaded = new Library(file, initialized(file));
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

  private static Cryptoki initialized(Path file) {
    try {
      if (!ModuleFile.hasEntryPoint(file)) {
        throw new IOException("it exports no C_GetFunctionList");
      }
      Cryptoki cryptoki = Cryptoki.load(file);
      cryptoki.initialize();
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

  Cryptoki cryptoki() {
    return cryptoki;
  }

  /** What the module tells of every token present. */
  synchronized List<TokenInfo> tokens() {
    try {
      List<TokenInfo> tokens = new ArrayList<>();
      for (long slot : cryptoki.slots()) {
        tokens.add(cryptoki.info(slot));
      }
      return tokens;
    } catch (CryptokiException e) {
      throw e.refused(file.toString());
    }
  }

  /**
   * The one token that the URI names.
   *
   * @throws RefusedException {@link Reason#KEY_MISSING} when there is none or more than one
   */
  synchronized Slot slot(Pkcs11Uri uri) {
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
    TokenInfo token = named.get(0);
    return slots.computeIfAbsent(token.slot(), number -> new Slot(cryptoki, token));
  }

  private static String describe(List<TokenInfo> tokens) {
    return tokens.isEmpty()
        ? "no token"
        : tokens.stream()
            .map(token -> Quoted.of(token.label()) + " (serial " + token.serial() + ")")
            .collect(Collectors.joining(", "));
  }
}
