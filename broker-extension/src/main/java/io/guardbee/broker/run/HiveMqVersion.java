package io.guardbee.broker.run;

import com.hivemq.HiveMQServer;
import java.security.CodeSource;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of the broker: the embedded one calls itself a development snapshot. */
final class HiveMqVersion {

  private static final Pattern JAR = Pattern.compile("-(\\d[^/]*)\\.jar$");

  private HiveMqVersion() {}

  /** What the name of its jar says. */
  static Optional<String> find() {
    CodeSource source = HiveMQServer.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    Matcher jar = JAR.matcher(source.getLocation().getPath());
    return jar.find() ? Optional.of(jar.group(1)) : Optional.empty();
  }
}
