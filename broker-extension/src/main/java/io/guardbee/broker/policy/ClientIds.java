package io.guardbee.broker.policy;

/**
 * The client ids of one identity.
 *
 * @param name the one client id, or what comes before the slash
 * @param anySuffix whether a slash and any suffix follow
 */
public record ClientIds(String name, boolean anySuffix) {

  public boolean include(String clientId) {
    if (!anySuffix) {
      return clientId.equals(name);
    }
    int slash = name.length();
    return clientId.length() > slash + 1
        && clientId.charAt(slash) == '/'
        && clientId.startsWith(name);
  }

  /** Whether all of the others are among these. */
  boolean contain(ClientIds others) {
    if (!anySuffix || !others.anySuffix) {
      return others.anySuffix ? false : include(others.name);
    }
    return others.name.equals(name) || others.name.startsWith(name + "/");
  }

  @Override
  public String toString() {
    return anySuffix ? name + "/…" : name;
  }
}
