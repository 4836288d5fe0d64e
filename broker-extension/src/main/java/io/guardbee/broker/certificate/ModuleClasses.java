package io.guardbee.broker.certificate;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PKCS#11 classes, loaded only by a broker whose key is in a module: no other carries native
 * code. They are known here by one name and used as what the JDK knows.
 */
final class ModuleClasses implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModuleClasses.class);
  private static final String KEY_BY_URI = "io.guardbee.hsm.KeyByUri";

  private final URLClassLoader loader;
  private final Object keys;

  private ModuleClasses(URLClassLoader loader, Object keys) {
    this.loader = loader;
    this.keys = keys;
  }

  /**
   * @param folder the jars
   * @throws RefusedException {@link Reason#MODULE_MISSING} when they are not there
   */
  static ModuleClasses load(Path folder) {
    URLClassLoader loader = null;
    try {
      loader = new URLClassLoader(jars(folder), ModuleClasses.class.getClassLoader());
      Object keys = Class.forName(KEY_BY_URI, true, loader).getConstructor().newInstance();
      return new ModuleClasses(loader, keys);
    } catch (IOException | ReflectiveOperationException | LinkageError e) {
      close(loader);
      throw new RefusedException(
          Reason.MODULE_MISSING,
          "tls.key is set, but the PKCS#11 classes in " + folder + " do not load: " + e,
          "unpack the whole extension zip: pkcs11/ belongs to it");
    }
  }

  private static URL[] jars(Path folder) throws IOException {
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

  /**
   * The key pair that the URI names.
   *
   * @throws RefusedException when there is no such module, token or PIN
   */
  KeyPair key(String uri) {
    if (keys instanceof Function<?, ?> byUri) {
      @SuppressWarnings("unchecked") // as its class declares
      Function<String, KeyPair> typed = (Function<String, KeyPair>) byUri;
      return typed.apply(uri);
    }
    throw new IllegalStateException(KEY_BY_URI + " is a function");
  }

  @Override
  public void close() {
    if (keys instanceof AutoCloseable open) {
      close(open);
    }
    for (Provider provider : Security.getProviders()) {
      if (provider.getClass().getClassLoader() == loader) {
        Security.removeProvider(provider.getName()); // a later load brings its own
      }
    }
    close(loader);
  }

  private static void close(@org.jspecify.annotations.Nullable AutoCloseable open) {
    try {
      if (open != null) {
        open.close();
      }
    } catch (Exception e) {
      LOG.warn("PKCS#11 did not close cleanly: {}", e.toString());
    }
  }
}
