-- Neovim 0.11 and later: put this file into `after/plugin` of your settings.
-- For an older one, call `vim.lsp.start_client` with the same `cmd`, `init_options` and folder.
vim.lsp.config("rosterctl", {
  cmd = { "rosterctl", "lsp" },
  filetypes = { "yaml", "csv" },
  root_markers = { "rosterctl.yaml" },
  -- The server starts only in a project.
  workspace_required = true,
  -- yaml-language-server shows these. Without it, delete this line.
  init_options = { schemaFindings = false },
})
vim.lsp.enable("rosterctl")
