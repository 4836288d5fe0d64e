/** The service under test is the real one: real HTTPS, real SoftHSM, real H2. */
@NullMarked
package io.guardbee.service;

import org.jspecify.annotations.NullMarked;
