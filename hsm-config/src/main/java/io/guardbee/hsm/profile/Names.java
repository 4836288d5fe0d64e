package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Names as the PKCS#11 header has them. */
final class Names {

  private static final Pattern REST = Pattern.compile("[A-Z0-9]+(_[A-Z0-9]+)*");

  private Names() {}

  static void require(String key, String name, String prefix) {
    if (!name.startsWith(prefix) || !REST.matcher(name.substring(prefix.length())).matches()) {
      throw Fields.invalid(
          key + ": " + Quoted.of(name) + " is no name of the PKCS#11 header",
          "write it as the header does, such as "
              + (prefix.equals("CKM_") ? "CKM_ECDSA" : "CKA_DERIVE"));
    }
  }

  /** A copy that cannot be changed, by name. */
  static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }

  /** A copy that cannot be changed and keeps the order of the file. */
  static <T> Set<T> ordered(Collection<T> names) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(names));
  }
}
