package io.guardbee.service.lint;

/** What a check found. */
record Finding(String check, String section, String what) {

  @Override
  public String toString() {
    return check + " (" + section + "): " + what;
  }
}
