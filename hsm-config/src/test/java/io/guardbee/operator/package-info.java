/** Tests of what operators' commands share. */
@NullMarked
package io.guardbee.operator;

import org.jspecify.annotations.NullMarked;
