package io.guardbee.broker.module;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PKCS#11 classes, loaded with the first key: a broker whose keys are in files carries no
 * native code. They are known here by one name and used as what the JDK knows. Thread-safe.
 */
public final class ModuleClasses implements Function<String, KeyPair>, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleClasses.class);
  private static final String KEY_BY_URI = "io.guardbee.hsm.KeyByUri";

  private final Path folder;
  private @Nullable Loaded loaded;

  private record Loaded(URLClassLoader loader, Function<String, KeyPair> keys) {}

  /**
   * Loads nothing yet.
   *
   * @param folder the jars
   */
  public ModuleClasses(Path folder) {
    this.folder = folder;
  }

  /**
   * The key pair that the URI names, made there when it is missing.
   *
   * @param uri RFC 7512
   * @throws RefusedException when there is no such module, token or PIN; {@link
   *     Reason#MODULE_MISSING} when the jars are not there
   */
  @Override
  public synchronized KeyPair apply(String uri) {
    Loaded now = loaded;
    if (now == null) {
      now = load();
      loaded = now;
    }
    return now.keys().apply(uri);
  }

  private Loaded load() {
    URLClassLoader loader = null;
    try {
      loader = new URLClassLoader(jars(), ModuleClasses.class.getClassLoader());
      Object keys = Class.forName(KEY_BY_URI, true, loader).getConstructor().newInstance();
      @SuppressWarnings("unchecked") // as its class declares
      Function<String, KeyPair> byUri = (Function<String, KeyPair>) keys;
      return new Loaded(loader, byUri);
    } catch (IOException | ReflectiveOperationException | LinkageError e) {
      close(loader);
      throw new RefusedException(
          Reason.MODULE_MISSING,
          "a key is in a PKCS#11 token, but the classes for that in "
              + folder
              + " do not load: "
              + e,
          "unpack the whole extension zip: pkcs11/ belongs to it");
    }
  }

  private URL[] jars() throws IOException {
    List<URL> urls = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
        for (Path jar : jars) {
          urls.add(url(jar));
        }
      }
    }
    return urls.toArray(new URL[0]);
  }

  private static URL url(Path jar) throws MalformedURLException {
    return jar.toUri().toURL();
  }

  @Override
  public synchronized void close() {
    Loaded now = loaded;
    loaded = null;
    if (now == null) {
      return;
    }
    if (now.keys() instanceof AutoCloseable open) {
      close(open);
    }
    for (Provider provider : Security.getProviders()) {
      if (provider.getClass().getClassLoader() == now.loader()) {
        Security.removeProvider(provider.getName()); // a later load brings its own
      }
    }
    close(now.loader());
  }

  private static void close(@Nullable AutoCloseable open) {
    try {
      if (open != null) {
        open.close();
      }
    } catch (Exception e) {
      LOG.warn("PKCS#11 did not close cleanly: {}", e.toString());
    }
  }
}
