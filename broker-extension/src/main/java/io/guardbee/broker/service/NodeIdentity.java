package io.guardbee.broker.service;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.files.CredentialFiles;
import io.guardbee.pki.Credential;
import io.guardbee.pki.NewKey;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * This node's certificate towards the service, and the key to it: in a file, or in a PKCS#11 token
 * which a file beside the certificate names. Thread-safe.
 */
public final class NodeIdentity {

  private final CredentialFiles files;
  private final Function<String, KeyPair> module;
  private final Map<String, KeyPair> inToken = new ConcurrentHashMap<>();

  /** A key that the service is to certify; of one in a token, where that is. */
  record NextKey(KeyPair pair, Optional<String> uri) {}

  /**
   * Reads nothing yet.
   *
   * @param module gives the key pair that a PKCS#11 URI names
   */
  public NodeIdentity(BrokerConfig config, Function<String, KeyPair> module) {
    this.files = new CredentialFiles(config.certificate(), config.key());
    this.module = module;
  }

  /** The file of the certificate chain. */
  Path certificate() {
    return files.certificate();
  }

  /**
   * The certificate that is good now.
   *
   * @throws RefusedException when a file does not read, the key is not that of the certificate, or
   *     there is no such module, token or PIN
   */
  Credential read() throws IOException {
    Optional<String> uri = files.keyUri();
    if (uri.isEmpty()) {
      return files.read();
    }
    KeyPair pair = keyInToken(uri.get());
    return new Credential(pair.getPrivate(), files.readFor(pair.getPublic()));
  }

  /** For the next certificate: a key in a token stays, one in a file is made anew. */
  NextKey nextKey() throws IOException {
    Optional<String> uri = files.keyUri();
    if (uri.isPresent()) {
      return nextKey(uri.get());
    }
    return new NextKey(NewKey.p256(), uri);
  }

  /** The key in that token, made there when it is missing. */
  NextKey nextKey(String uri) {
    return new NextKey(keyInToken(uri), Optional.of(uri));
  }

  private KeyPair keyInToken(String uri) {
    return inToken.computeIfAbsent(uri, module);
  }

  /** Puts a key and its certificate in the place of the present ones. */
  void write(NextKey key, Credential renewed) throws IOException {
    if (key.uri().isPresent()) {
      files.write(renewed.chain(), key.uri().get());
    } else {
      files.write(renewed);
    }
  }
}
