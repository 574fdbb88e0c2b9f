# hexaplex_embed(TARGET SYMBOL FILE...): text files become part of a library, so that the program needs no data folder.
# Declared in C++ as: extern const EmbeddedFile SYMBOL[]; extern const std::size_t SYMBOLCount (core/panel/embedded.h).
# Run as a script (cmake -P) it writes the source; a changed file rebuilds it.
if(CMAKE_SCRIPT_MODE_FILE)
  set(_text "#include \"core/panel/embedded.h\"\n\nnamespace hexaplex::detail {\nconst EmbeddedFile ${SYMBOL}[] = {\n")
  string(REPLACE "|" ";" _files "${FILES}")
  foreach(_file IN LISTS _files)
    get_filename_component(_name "${_file}" NAME)
    file(READ "${_file}" _content)
    string(APPEND _text "    {\"${_name}\", R\"hexaplex(${_content})hexaplex\"},\n")
  endforeach()
  list(LENGTH _files _count)
  string(APPEND _text "};\nconst std::size_t ${SYMBOL}Count = ${_count};\n}  // namespace hexaplex::detail\n")
  file(WRITE "${OUTPUT}" "${_text}")
  return()
endif()

function(hexaplex_embed target symbol)
  set(_output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp")
  string(REPLACE ";" "|" _files "${ARGN}")
  add_custom_command(
    OUTPUT "${_output}"
    COMMAND "${CMAKE_COMMAND}" "-DSYMBOL=${symbol}" "-DFILES=${_files}" "-DOUTPUT=${_output}" -P
            "${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    COMMENT "Embedding ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE "${_output}")
endfunction()
